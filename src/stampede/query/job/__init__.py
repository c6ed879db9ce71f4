"""One job with everything that is known of it: what it is, every try, what each ran, read, wrote and said."""

from stampede.query.job.find import find_job
from stampede.query.job.invocation import File, Invocation
from stampede.query.job.job import Job, Task
from stampede.query.job.output import Output, pieces
from stampede.query.job.place import place
from stampede.query.job.resources import Amounts, Resources
from stampede.query.job.tries import Hold, Transfer, Try

__all__ = [
    "Amounts", "File", "Hold", "Invocation", "Job", "Output", "Resources", "Task", "Transfer", "Try", "find_job",
    "pieces", "place",
]  # fmt: skip
