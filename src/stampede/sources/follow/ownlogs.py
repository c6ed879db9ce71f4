"""Job event logs that jobs have of their own (``log = …`` in their submit files), of tries that are under way."""

from __future__ import annotations

import time

#: what HTCondor writes of a job that DAGMan knows to have ended is there after so many seconds
_LATE_S = 10.0


class OwnLogs:
    """Names of logs, each as long as one of its tries is under way and for a moment longer."""

    def __init__(self) -> None:
        self._logs: dict[str, set[int]] = {}
        self._of: dict[int, str] = {}
        self._left: dict[str, float] = {}

    def begin(self, log: str, seq: int) -> None:
        """A try writes into that log."""
        if self._of.get(seq) == log:
            return
        self._of[seq] = log
        self._logs.setdefault(log, set()).add(seq)
        self._left.pop(log, None)

    def end(self, seq: int) -> None:
        """That try has ended."""
        log = self._of.pop(seq, None)
        if log is None:
            return
        tries = self._logs[log]
        tries.discard(seq)
        if not tries:
            self._left[log] = time.monotonic() + _LATE_S

    def names(self) -> list[str]:
        """Those that are to be followed now."""
        now = time.monotonic()
        while self._left:
            log, until = next(iter(self._left.items()))
            if until > now:
                break
            del self._left[log], self._logs[log]
        return list(self._logs)

    def turn(self, log: str) -> None:
        """It was looked at: the others come first now."""
        tries = self._logs.pop(log, None)
        if tries is not None:
            self._logs[log] = tries
