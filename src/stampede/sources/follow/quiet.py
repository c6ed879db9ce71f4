"""A nodes.log that speaks for a DAGMan which says little, or of which no log is to be seen."""

from __future__ import annotations

import time

from stampede.files import present
from stampede.sources.base import Batch, identity
from stampede.sources.follow.files import LiveFiles
from stampede.sources.follow.naming import Stillness
from stampede.sources.identity import Workflow
from stampede.sources.run import Follow, Run

#: it is read anew so often, in seconds, and after so many times what that took
_AGAIN_S, _REST = 2.0, 20.0
#: DAGMan's log is begun before nodes.log. Where it is not to be seen all the same, it may be on another machine: a
#: network file system shows new files within a minute (NFS: acdirmax, 60 s), and then nodes.log is not believed
_UNSEEN_S = 120.0


class QuietLog:
    """The nodes.log of a workflow, as long as nobody knows whether it is needed."""

    def __init__(self, wf: Workflow, follow: Follow) -> None:
        #: it speaks for DAGMan
        self.speaks = False
        self._wf = wf
        self._follow = follow
        self._look: tuple[int, ...] = ()
        self._due = 0.0
        self._still = Stillness()
        self._met: float | None = None

    def news(self, run: Run, now: float) -> tuple[Run, Batch] | None:
        """All that it says, and the run that has read it, when it has grown."""
        if now < self._due:
            return None
        look = identity(run.nodes_log) + identity(self._wf.dagman_out)
        if look == self._look or not Run.may_be_quiet(self._wf) or not self._is_believed(run, now):
            return None
        self._look = look
        fresh = Run(self._wf, self._follow, LiveFiles)
        batch = fresh.quiet()
        took = time.monotonic() - now
        self._due = now + max(_AGAIN_S, _REST * took)
        if batch is None:
            fresh.close()
            return None
        fresh.pack()
        self.speaks = True
        return fresh, batch

    def _is_believed(self, run: Run, now: float) -> bool:
        """Whether DAGMan's own log has had the time to appear."""
        if present(self._wf.dagman_out):
            return True
        self._met = now if self._met is None else self._met
        return max(now - self._met, self._still.seconds(run.nodes_log)) > _UNSEEN_S
