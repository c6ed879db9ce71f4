"""Following workflows while they run, and writing down what happens.

::

    Watching ── the loop: waits for changes (sources.follow.Wake), gives everybody their turn
        Followed ── one path: its Forest, the Lease that makes us the one who writes, trouble and recovery
        Databases ── one loader per database, and whether its file is still there
    Bookkeeper ── the user's registry: who is watched where, by whom

Nothing that goes wrong ends a watch: a database that is locked, full or gone is tried again until it takes the batch; a
path that another process follows is looked at until that process ends.
"""

from stampede.watching.followed import Followed
from stampede.watching.watching import Watching

__all__ = ["Followed", "Watching"]
