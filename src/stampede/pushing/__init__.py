"""What a submit host sends to a server that cannot see its files.

::

    sources ─► events ─► Outbox: spool on the disk, with the places they came from ─► server

The places in the files are noted in the spool together with the events behind them, as the loader stores both in one
transaction: killed at any moment and started again, a push goes on where it was.
"""

from stampede.pushing.outbox import Outbox, Target
from stampede.pushing.push import Push

__all__ = ["Outbox", "Push", "Target"]
