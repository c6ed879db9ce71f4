"""dagman.out: DAGMan's own log, line by line, as typed records.

The forms are those of HTCondor 8.8 to 25.14 (``condor_dagman``'s debug output at its default verbosity). A line is
known by its first few characters, so that the many lines nobody asks for cost a slice and a look-up each. What a
record means for a workflow is the tracker's business; this module knows only how lines look.

Lines may start with ``MM/DD/YY HH:MM:SS ``, with sub-seconds, with ISO 8601, and may carry ``(pid:N)``, ``(cid:N)``
and ``(D_CATEGORY)`` before the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, Literal

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


_PREFIX = re.compile(
    rb"(?:(\d\d/\d\d/\d\d(?:\d\d)? \d\d:\d\d:\d\d(?:\.\d+)?)|(\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d+)?)"
    rb"|(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)) "
)
_TAGS = re.compile(rb"(?:\((?:pid|cid|D_[A-Z_]+|tid)[^)]*\) )+")
_EVENT = re.compile(
    r"Event: (?:ULOG_)?(\w+) for (?:HT)?Condor (?:Job|Node) (\S+)(?: \((-?\d+)\.(-?\d+)(?:\.(-?\d+))?\))?"
    r"(?: \{([^}]*)\})?(.*)",
    re.S,
)
_PROC = re.compile(
    r"Node (\S+) job proc \((-?\d+)\.(-?\d+)[^)]*\) (?:completed successfully|failed with (status|signal) (-?\d+))"
)
_SCRIPT = re.compile(
    r"(PRE|POST) [Ss]cript of (?:Job|Node|node) (\S+) (?:(completed successfully)|failed with status (-?\d+)"
    r"|died on (?:signal )?(-?\d+)?(.*))"
)
_RUNNING = re.compile(r"Running (PRE|POST|HOLD) script of (?:Job|Node|node) (\S+?)\.\.\.")
_SUBMITTING = re.compile(r"Submitting (?:HT)?Condor (?:Node|Job) (\S+) job")
_ON_HOLD = re.compile(r"Submitting node (\S+) job\(s\) on hold")
_RETRY = re.compile(r"Retrying node (\S+) \(retry #(\d+) of (\d+)\)")
_NO_RETRY = re.compile(r"(?:Shortcutting node (\S+) retries|Aborting further retries of node (\S+))")
_EXIT = re.compile(r"\*\*\*\* (\S+) \(condor_DAGMAN\) (?:pid \d+ )?EXITING WITH STATUS (-?\d+)")
_STARTING = re.compile(r"\*\* (\S+) \((?:condor_)?DAGMAN\) STARTING UP", re.I)
_GAVE_UP = re.compile(r"(?:Job|Node) submit failed after (\d+) (?:tries|try)")
_NO_SUBMIT = re.compile(r"ERROR: condor_submit_dag -no_submit failed for node (\S+?)\.$")
_NODE_LEFT = re.compile(r"Node (\S+) job(?: completed|\(s\) have exited the queue)")
_STATUS = re.compile(r"DAG status: (\d+) \((\w+)\)")
_TOTAL = re.compile(r"Of (\d+) nodes total")
_RESCUE = re.compile(
    r"(?:Found rescue DAG number (\d+)|Rescue DAG file specified; running (\S+)|USING RESCUE DAG (\S+))"
)
_HOLD_LIMIT = re.compile(r"Total hold count for job \S+ \(node (\S+)\)")
_RESCUE_NUMBER = re.compile(r"\.rescue(\d+)$")
_PARSE = (
    "Failed to parse", "Processing error at", "ERROR: Node ", "ERROR: No nodes", "Dag::", "ERROR: a cycle exists",
    "ERROR: DAG finished but not all nodes are complete", "Cycle in the graph",
)  # fmt: skip
_DAG_LINE = re.compile(r"(?:ERROR: )?(\S+?):(\d+)[: ]|ERROR: (\S+) \(line (\d+)\)")

MAX_LINE: Final = 1 << 20


class Lines:
    """Turns the bytes of dagman.out into records; keeps what one line must know of those before it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.ts: float | None = None
        #: time of the last line, whatever it says
        self.seen: float | None = None
        self._total = 0
        #: lines longer than MAX_LINE or with unreadable times: (offset, message)
        self.problems: list[tuple[int, str]] = []
        self._pending: Record | None = None

    def feed(self, data: bytes, offset: int) -> Iterator[Record]:
        """Records of ``data``, whole lines that start at byte ``offset`` of the file."""
        table = _TABLE
        at = offset
        stamp = last = b""
        ts: float | None = None
        for line in data.split(b"\n"):
            start = at
            at += len(line) + 1
            if len(line) < 20:
                continue
            if line[17:18] == b" " and line[2:3] == b"/" and line[8:9] == b" ":
                stamp, text = line[:17], line[18:]
                if text[:1] == b"(":
                    text = _untagged(text)
            else:
                parts = self._split(line, start)
                if parts is None:
                    continue
                stamp, text = parts
            handler = table.get(text[:5]) or _handler(text)
            if handler is None:
                continue
            if len(line) > MAX_LINE:
                self.problems.append((start, f"a line of {len(line)} bytes was cut to {MAX_LINE}"))
                text = text[:MAX_LINE]
            if stamp != last:
                ts = self.clock.epoch(stamp.decode("ascii", "replace"), self.ts)
                if ts is None:
                    ts = self.ts
                    if ts is None:
                        continue
                self.ts = ts
                last = stamp
            assert ts is not None
            record = handler(self, text.decode("utf-8", "replace").rstrip("\r"), ts, start)
            if record is not None:
                yield record
        if stamp:
            self.seen = self.clock.epoch(stamp.decode("ascii", "replace"), self.ts) or self.seen

    def _split(self, line: bytes, start: int) -> tuple[bytes, bytes] | None:
        """Stamp and text of a line with another prefix; None for a continuation line."""
        found = _PREFIX.match(line)
        if found is None:
            return None
        return found[1] or found[2] or found[3], _untagged(line[found.end() :])

    # ---- one small reader a form ------------------------------------------------------------------------------------

    def _event(self, text: str, ts: float, at: int) -> Record | None:
        found = _EVENT.match(text)
        if found is None:
            return None
        name, node, cluster, proc, _, stamp, rest = found.groups()
        if stamp:
            when = self.clock.epoch(stamp, ts)
            if when is not None:
                ts = when
        recovery = "[recovery mode]" in rest
        job = f"{cluster}.{proc}" if cluster is not None else ""
        if cluster is None:
            node = node.rstrip(".")
        reason = rest.replace("[recovery mode]", "").strip() if rest else ""
        return Record("event", ts, at, node, job, 1 if recovery else 0, name, reason)

    def _node(self, text: str, ts: float, at: int) -> Record | None:
        if " job proc (" in text:
            found = _PROC.match(text)
            if found is None:
                return None
            node, cluster, proc, how, number = found.groups()
            value = 0 if how is None else int(number) if how == "status" else -int(number)
            return Record("proc_end", ts, at, node, f"{cluster}.{proc}", value, how or "ok")
        found = _NODE_LEFT.match(text)
        if found is not None:
            return Record("node_left", ts, at, found[1])
        return self._gave_up(text, ts, at)

    def _gave_up(self, text: str, ts: float, at: int) -> Record | None:
        found = _GAVE_UP.match(text)
        return None if found is None else Record("submit_gave_up", ts, at, value=int(found[1]), text=text)

    def _script(self, text: str, ts: float, at: int) -> Record | None:
        found = _SCRIPT.match(text)
        if found is None:
            return self._pre_skip(text, ts, at)
        which, node, ok, status, signal, words = found.groups()
        if ok:
            value = 0
        elif status is not None:
            value = int(status)
        elif signal is not None:
            value = -int(signal)
        else:
            number = re.search(r"\d+", words or "")
            value = -int(number[0]) if number else -1
        return Record("script_end", ts, at, node, value=value, text=which)

    def _pre_skip(self, text: str, ts: float, at: int) -> Record | None:
        if not text.startswith("PRE_SKIP return value"):
            return None
        return Record("pre_skip", ts, at, text.rsplit(" ", 1)[-1])

    def _running(self, text: str, ts: float, at: int) -> Record | None:
        found = _RUNNING.match(text)
        if found is not None:
            return Record("script_start", ts, at, found[2], text=found[1])
        if text.startswith("Running in RECOVERY mode"):
            return Record("recovery_start", ts, at)
        return None

    def _submit(self, text: str, ts: float, at: int) -> Record | None:
        found = _SUBMITTING.match(text)
        if found is not None:
            return Record("submitting", ts, at, found[1])
        found = _ON_HOLD.match(text)
        if found is not None:
            return Record("submitting", ts, at, found[1], text="on hold")
        if text.startswith("submit error:"):
            return Record("submit_error", ts, at, text=text[13:].strip())
        return None

    def _could_not(self, text: str, ts: float, at: int) -> Record | None:
        if text.startswith("could not open submit file"):
            return Record("submit_error", ts, at, text=text.strip())
        return None

    def _error(self, text: str, ts: float, at: int) -> Record | None:
        if text.startswith("ERROR: submit attempt failed"):
            return Record("submit_error", ts, at, text=text[7:].strip())
        if text.startswith("ERROR: on Line"):
            return Record("submit_error", ts, at, text=text[7:].strip())
        if text.startswith("ERROR: condor_submit_dag"):
            # the next line names the node
            found = _NO_SUBMIT.match(text)
            return Record("submit_error", ts, at, found[1] if found else "?", text=text[7:].strip())
        if text.startswith(_PARSE) or _DAG_LINE.match(text):
            kind: Kind = "cycle" if "cycle" in text.lower() else "parse_error"
            return Record(kind, ts, at, text=text.removeprefix("ERROR: ").strip())
        return None

    def _stars(self, text: str, ts: float, at: int) -> Record | None:
        if text.startswith("****"):
            found = _EXIT.match(text)
            if found is not None:
                return Record("exit", ts, at, value=int(found[2]), text=found[1])
            return None
        found = _STARTING.match(text)
        if found is not None:
            return Record("starting", ts, at, text=found[1])
        if text.startswith("** $CondorVersion:"):
            return Record("version", ts, at, text=text[18:].strip(" $").split(" ", 1)[0])
        if text.startswith("** PID = "):
            number = text[9:].split(" ", 1)[0]
            return Record("pid", ts, at, value=int(number)) if number.isdigit() else None
        return None

    def _workflow(self, text: str, ts: float, at: int) -> Record | None:
        if text.startswith("Workflow batch-id: <"):
            return Record("batch_id", ts, at, text=text[20:].rstrip("> "))
        return None

    def _parsing(self, text: str, ts: float, at: int) -> Record | None:
        if text.endswith("...") and not text.startswith("Parsing 1 dagfiles"):
            return Record("parsing", ts, at, text=text[8:-3].strip())
        return None

    def _done_recovery(self, text: str, ts: float, at: int) -> Record | None:
        return Record("recovery_end", ts, at) if "RECOVERY" in text else None

    def _rescue(self, text: str, ts: float, at: int) -> Record | None:
        found = _RESCUE.match(text)
        if found is None:
            return None
        name = found[2] or found[3] or ""
        number = found[1] or (m[1] if (m := _RESCUE_NUMBER.search(name)) else "0")
        return Record("rescue_read", ts, at, value=int(number), text=name)

    def _writing(self, text: str, ts: float, at: int) -> Record | None:
        if text.startswith("Writing Rescue DAG to "):
            return Record("rescue_written", ts, at, text=text[22:].rstrip(". "))
        return None

    def _number_of(self, text: str, ts: float, at: int) -> Record | None:
        if text.startswith("Number of pre-completed nodes: "):
            number = text[31:].strip()
            return Record("precompleted", ts, at, value=int(number)) if number.isdigit() else None
        return None

    def _status(self, text: str, ts: float, at: int) -> Record | None:
        found = _STATUS.match(text)
        return None if found is None else Record("status", ts, at, value=int(found[1]), text=found[2])

    def _of(self, text: str, ts: float, at: int) -> Record | None:
        found = _TOTAL.match(text)
        if found is None:
            return None
        self._total = int(found[1])
        return Record("nodes_total", ts, at, value=self._total)

    def _numbers(self, text: str, ts: float, at: int) -> Record | None:
        fields = text.split()
        if len(fields) in (7, 8) and all(f.isdigit() for f in fields):
            counts = tuple(int(f) for f in fields)
            return Record("nodes", ts, at, value=self._total, counts=counts if len(counts) == 8 else (*counts, -1))
        if text.startswith("  Hold reason:"):
            return Record("hold_reason", ts, at, text=text[14:].strip())
        stripped = text.lstrip()
        if stripped.startswith("Node Name: "):
            return Record("failed_node", ts, at, stripped[11:].strip())
        if stripped.startswith("Error: "):
            return Record("failed_error", ts, at, text=stripped[7:].strip())
        return None

    def _held_count(self, text: str, ts: float, at: int) -> Record | None:
        if text.endswith("job proc(s) currently held"):
            return Record("held_count", ts, at, value=int(text.split(" ", 1)[0]))
        return None

    def _received(self, text: str, ts: float, at: int) -> Record | None:
        if text.startswith("Received SIG"):
            return Record("signal", ts, at, text=text[9:].strip())
        return None

    def _dag(self, text: str, ts: float, at: int) -> Record | None:
        if text.startswith("DAG status:"):
            return self._status(text, ts, at)
        if text.startswith("DAG is halted"):
            return Record("halted", ts, at, text=text)
        if text.startswith("DAG going from halted"):
            return Record("resumed", ts, at)
        return None

    def _halt(self, text: str, ts: float, at: int) -> Record | None:
        if text.startswith("Halting DAGMan"):
            return Record("halted", ts, at)
        if text.startswith("Halt reason:"):
            return Record("halt_reason", ts, at, text=text[12:].strip())
        return None

    def _resuming(self, text: str, ts: float, at: int) -> Record | None:
        return Record("resumed", ts, at) if text.startswith("Resuming DAG") else None

    def _aborting(self, text: str, ts: float, at: int) -> Record | None:
        if "ABORT exit value" in text:
            return Record("abort_value", ts, at, text=text)
        if text.startswith("Aborting DAG..."):
            return Record("aborting", ts, at)
        return self._no_retry(text, ts, at)

    def _no_retry(self, text: str, ts: float, at: int) -> Record | None:
        found = _NO_RETRY.match(text)
        return None if found is None else Record("no_retry", ts, at, found[1] or found[2], text=text)

    def _retrying(self, text: str, ts: float, at: int) -> Record | None:
        found = _RETRY.match(text)
        return None if found is None else Record("retry", ts, at, found[1], value=int(found[2]), reason=found[3])

    def _failed(self, text: str, ts: float, at: int) -> Record | None:
        return Record("parse_error", ts, at, text=text.strip()) if text.startswith("Failed to parse") else None

    def _processing(self, text: str, ts: float, at: int) -> Record | None:
        return Record("parse_error", ts, at, text=text.strip()) if text.startswith("Processing error at") else None

    def _cycle(self, text: str, ts: float, at: int) -> Record | None:
        return Record("cycle", ts, at, text=text.strip()) if text.startswith("Cycle in") else None

    def _multi_log(self, text: str, ts: float, at: int) -> Record | None:
        if text.startswith("MultiLogFiles: truncating log file "):
            return Record("truncated_log", ts, at, text=text[35:].strip())
        return None

    def _read_log(self, text: str, ts: float, at: int) -> Record | None:
        return Record("event_error", ts, at, text=text.strip()) if text.startswith("ReadUserLog: error") else None

    def _duplicate(self, text: str, ts: float, at: int) -> Record | None:
        if "is still alive" in text or "already running" in text or "appears to be" in text:
            return Record("duplicate", ts, at, text=text.strip())
        return None

    def _total_hold(self, text: str, ts: float, at: int) -> Record | None:
        found = _HOLD_LIMIT.match(text)
        return None if found is None else Record("hold_limit", ts, at, found[1], text=text.strip())


def _untagged(text: bytes) -> bytes:
    """The text without process, category and the like before it."""
    tags = _TAGS.match(text)
    return text if tags is None else text[tags.end() :]


Handler = Callable[[Lines, str, float, int], Record | None]

_TABLE: Final[dict[bytes, Handler]] = {
    b"Event": Lines._event,
    b"Node ": Lines._node,
    b"Job s": Lines._gave_up,
    b"PRE S": Lines._script,
    b"PRE s": Lines._script,
    b"PRE_S": Lines._pre_skip,
    b"POST ": Lines._script,
    b"Runni": Lines._running,
    b"Submi": Lines._submit,
    b"submi": Lines._submit,
    b"could": Lines._could_not,
    b"ERROR": Lines._error,
    b"****C": Lines._stars,
    b"**** ": Lines._stars,
    b"** co": Lines._stars,
    b"** Co": Lines._stars,
    b"** $C": Lines._stars,
    b"** PI": Lines._stars,
    b"Workf": Lines._workflow,
    b"Parsi": Lines._parsing,
    b"...do": Lines._done_recovery,
    b"Found": Lines._rescue,
    b"Rescu": Lines._rescue,
    b"USING": Lines._rescue,
    b"Writi": Lines._writing,
    b"Numbe": Lines._number_of,
    b"DAG s": Lines._status,
    b"DAG i": Lines._dag,
    b"DAG g": Lines._dag,
    b"Recei": Lines._received,
    b"Halti": Lines._halt,
    b"Halt ": Lines._halt,
    b"Resum": Lines._resuming,
    b"Abort": Lines._aborting,
    b"Short": Lines._no_retry,
    b"Retry": Lines._retrying,
    b"Faile": Lines._failed,
    b"Proce": Lines._processing,
    b"Cycle": Lines._cycle,
    b"Multi": Lines._multi_log,
    b"ReadU": Lines._read_log,
    b"Dupli": Lines._duplicate,
    b"Total": Lines._total_hold,
}


def _handler(text: bytes) -> Handler | None:
    """The reader of lines that start with a number or with blanks, which the table cannot list."""
    first = text[:1]
    if first == b" ":
        return Lines._numbers
    if first.isdigit() and text.endswith(b"currently held"):
        return Lines._held_count
    if text.startswith(b"Of "):
        return Lines._of
    return None
