"""DAGMan's recovery mode: which of the events it prints then were printed before.

A DAGMan that is started again after it vanished reads its nodes.log from the start and prints every event a second
time. The events printed since that log was begun are counted, so that exactly the repeated ones are skipped and those
that happened while no DAGMan was there are taken.
"""

from __future__ import annotations

#: kinds of records that belong to the event line before them: skipped with it when it is a repetition
DEPENDENT = frozenset({
    "hold_reason", "hold_limit", "proc_end", "script_end", "script_start", "node_left", "retry", "no_retry",
    "submit_gave_up", "submit_error", "pre_skip", "failed_node", "failed_error",
})  # fmt: skip


class Recovery:
    """Counts the job events of one nodes.log. ``skipping`` tells that the line before was a repetition."""

    __slots__ = ("active", "printed", "replayed", "skipping")

    def __init__(self) -> None:
        self.active = False
        self.skipping = False
        self.printed = 0
        self.replayed = 0

    def start(self) -> None:
        """DAGMan says that it recovers: it reads its log from the start now."""
        self.active = True
        self.replayed = 0

    def stop(self) -> None:
        """DAGMan is done with recovery, or was started anew."""
        self.active = self.skipping = False

    def new_log(self) -> None:
        """DAGMan emptied its log: nothing of what was printed so far can come again."""
        self.printed = 0

    def repeats(self) -> bool:
        """Take note of one more job event; whether it was printed before."""
        if self.active:
            self.replayed += 1
            if self.replayed <= self.printed:
                self.skipping = True
                return True
            self.skipping = False
        self.printed += 1
        return False
