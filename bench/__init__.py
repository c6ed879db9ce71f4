"""Measurements of Stampede against the reference in the same run; nothing here ships in the wheel."""
