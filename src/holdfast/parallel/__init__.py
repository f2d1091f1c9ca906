"""Work on many processor cores: one pool of worker processes, one form of progress, tasks kept when they are done."""
