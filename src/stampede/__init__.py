"""Stampede follows scientific workflows, keeps what happened, and says what it means.

The flow, left to right (each name is a package below this one)::

    submit directory ─► sources ─► events ─► store ─► query ─► analysis ─► cli

``stampede.pipeline`` wires them in reading order; ``stampede.util.find_db`` finds the database of a submit directory.
"""

__version__ = "0.1.0.dev0"
