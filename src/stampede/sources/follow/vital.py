"""Whether a DAGMan that says nothing is still there."""

from __future__ import annotations

import os
import time

from stampede.sources.dagman.tracker import Tracker

#: DAGMan prints its table at least every ten minutes (DAGMAN_PENDING_REPORT_INTERVAL); silent for longer, and without
#: a process of its number, it is gone. HTCondor starts a DAGMan again within that time, too
_SILENCE_S = 11 * 60.0
#: where no log of DAGMan's job tells of it, a process that was seen and has gone is not waited for any longer
_GRACE_S = 10.0


class Vital:
    """Watches the process of a DAGMan that runs on this machine."""

    def __init__(self) -> None:
        self._seen: int | None = None
        self._gone_since: float | None = None

    def here(self, pid: int | None) -> bool:
        """Whether there is a process of that number."""
        return pid is not None and os.path.exists(f"/proc/{pid}")

    def gone(self, tracker: Tracker, now: float, quiet_s: float, *, supervised: bool) -> str | None:
        """Why DAGMan must be gone, if it must; ``quiet_s`` is how long its log has not grown.

        ``supervised``: there is a log of DAGMan's job, which would tell of its end.
        """
        pid = tracker.engine.pid
        if not tracker.running or pid is None:
            return None
        if self.here(pid):
            self._seen, self._gone_since = pid, None
            return None
        if self._gone_since is None:
            self._gone_since = now
        was_here = self._seen == pid
        away_s = min(quiet_s, now - self._gone_since) if was_here else quiet_s
        if away_s < (_GRACE_S if was_here and not supervised else _SILENCE_S):
            return None
        last = tracker.engine.last_ts
        said = f"; its last line is from {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(last))}" if last else ""
        seen = "is not there any more" if was_here else "is not there"
        return f"DAGMan's process {pid} {seen}, and DAGMan wrote nothing of its end{said}."
