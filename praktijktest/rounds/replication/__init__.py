"""Scripts that stand beside exported data and work out its headline table without this program."""
