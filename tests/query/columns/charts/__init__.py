"""Charts as columns."""
