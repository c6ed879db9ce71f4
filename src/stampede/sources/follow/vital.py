"""Whether a DAGMan that says nothing is still there."""

from __future__ import annotations

import os
import time

from stampede.sources.dagman.tracker import Tracker

#: DAGMan prints its table at least every ten minutes (DAGMAN_PENDING_REPORT_INTERVAL); silent for longer, and without
#: a process of its number, it is gone
_SILENCE_S = 11 * 60.0
#: a process that was seen and has gone has written its last lines after so many seconds
_GRACE_S = 5.0


class Vital:
    """Watches the process of a DAGMan that runs on this machine."""

    def __init__(self) -> None:
        self._seen_pid: int | None = None

    def here(self, pid: int | None) -> bool:
        """Whether there is a process of that number."""
        return pid is not None and os.path.exists(f"/proc/{pid}")

    def gone(self, tracker: Tracker, pid: int | None, quiet_s: float) -> str | None:
        """Why DAGMan must be gone, if it must; ``quiet_s`` is how long its log has not grown."""
        if not tracker.running or pid is None:
            return None
        if self.here(pid):
            self._seen_pid = pid
            return None
        was_here = self._seen_pid == pid
        if quiet_s < (_GRACE_S if was_here else _SILENCE_S):
            return None
        last = tracker.engine.last_ts
        said = f"; its last line is from {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(last))}" if last else ""
        seen = "is not there any more" if was_here else "is not there"
        return f"DAGMan's process {pid} {seen}, and DAGMan wrote nothing of its end{said}."
