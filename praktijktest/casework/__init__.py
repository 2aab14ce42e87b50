"""From flagged agents to those who may see them: audiences, case files, hand-over."""
