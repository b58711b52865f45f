"""Pages of the council: the roster of any day, and each seat with its chain of holders."""
