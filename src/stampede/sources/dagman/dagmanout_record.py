"""What a line of dagman.out says, and what its reader may know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from stampede.sources.dagman.clock import Clock

Kind = Literal[
    "event", "hold_reason", "submitting", "submit_error", "submit_gave_up", "script_start", "script_end", "proc_end",
    "node_left", "retry", "no_retry", "starting", "version", "pid", "batch_id", "parsing", "exit", "recovery_start",
    "recovery_end", "rescue_read", "rescue_written", "precompleted", "truncated_log", "status", "nodes", "held_count",
    "signal", "halted", "halt_reason", "resumed", "abort_value", "aborting", "parse_error", "failed_node",
    "failed_error", "pre_skip", "duplicate", "cycle", "event_error", "hold_limit", "nodes_total",
]  # fmt: skip


class Record(msgspec.Struct, gc=False):
    """One line that matters.

    ``ts`` is the time the line tells of (the event's own, in braces, where there is one), ``offset`` the byte at which
    the line starts. ``node``, ``job`` (``cluster.proc`` or ``-1.-1``), ``value`` and ``text`` depend on ``kind``:

    * ``event``: ``text`` the ULOG name, ``value`` 1 in recovery mode, ``reason`` what follows the time
    * ``script_start``/``script_end``: ``text`` PRE, POST or HOLD; ``value`` 0, the status, or minus the signal
    * ``proc_end``: ``value`` 0, the status, or minus the signal
    * ``retry``: ``value`` the number of the retry, ``reason`` of how many
    * ``exit``, ``status``, ``rescue_read``, ``precompleted``, ``pid``, ``held_count``: ``value`` the number
    * ``nodes``: ``counts`` (done, pre, queued, post, ready, unready, failed, futile or -1)
    """

    kind: Kind
    ts: float
    offset: int
    node: str = ""
    job: str = ""
    value: int = 0
    text: str = ""
    reason: str = ""
    counts: tuple[int, ...] = ()


class Reading:
    """What one line must know of those before it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        #: nodes of the DAG, as the last table said
        self.total = 0


#: makes a record of (reading, text, time, offset); None when the line is not of a form that is known
Reader: TypeAlias = Callable[[Reading, str, float, int], Record | None]
