"""From a design and a frame to a randomised plan that volunteers can carry out."""
