"""Sources that are read while they grow.

::

    Wake ── says where something happened (inotify, or looking now and then)
    Forest ─┬─ LiveRun   one workflow: LivePlan, then Tail of its log; LiveFiles for what its jobs leave behind (Debts,
            │            Lacking, Orphans are what may still come), LiveJobLogs; Bookmarks and resume after a crash
            └─ …         its sub-workflows, as they appear; Names says whose a log is

A forest gives batches of events whenever it is asked (``Forest.step``); whoever stores them says so
(``Forest.stored``). What was read is what ``SubmitDir`` reads from the finished directory, in the same order, and the
places that come with the batches mean the same: a forest that is made anew after a crash goes through what is known
without a word, and goes on behind it.
"""

from stampede.sources.follow.forest import Forest, Progress
from stampede.sources.follow.wake import Wake

__all__ = ["Forest", "Progress", "Wake"]
