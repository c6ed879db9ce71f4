"""The other end of a bus: loaders that write what comes into a database, and subscribers that hand it on.

::

    bus ─► Consume: messages ─► batches ─► intake.Writer ─► database, and only then the bus is told
    bus ─► Subscribe: messages ─► events that are wanted ─► text, file, command
"""

from stampede.consuming.consume import Consume
from stampede.consuming.figures import Figures
from stampede.consuming.subscribe import Subscribe

__all__ = ["Consume", "Figures", "Subscribe"]
