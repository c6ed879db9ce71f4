"""What made a file, task or job, and what came of it."""

from stampede.query.lineage.describe import trace
from stampede.query.lineage.graph import File, Link, Place, Process, Trace
from stampede.query.lineage.subject import Subject, find_subject

__all__ = ["File", "Link", "Place", "Process", "Subject", "Trace", "find_subject", "trace"]
