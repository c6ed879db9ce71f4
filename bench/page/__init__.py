"""The dashboard in a real browser: what pages cost at a size, and how long a change on the disk takes to the screen."""
