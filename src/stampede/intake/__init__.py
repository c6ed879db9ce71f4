"""Events in: batches of numbered records from senders elsewhere, each stored once.

::

    POST /api/v1/events ─► Batch ─► Writer (one thread a database, many batches a transaction) ─► store
                                      │ what is new of it ◄── the position of its source, in the same transaction
                                      └ what cannot be taken ─► problem

A sender numbers its records from 1. The database keeps, in the transaction that holds the records, the number of the
last one under the sender's name (``source_position``): a batch that comes twice is stored once, one that comes too
early waits a moment for those before it.
"""

from stampede.intake.batch import Batch, Stored, make_batch
from stampede.intake.errors import GapError, IntakeFullError
from stampede.intake.writer import Writer

__all__ = ["Batch", "GapError", "IntakeFullError", "Stored", "Writer", "make_batch"]
