"""dagman.out of single nodes: events of their jobs, submissions, scripts, retries; one small reader a form."""

from __future__ import annotations

import re
from typing import Final

from stampede.sources.dagman.dagmanout_record import Kind, Reader, Reading, Record

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
_GAVE_UP = re.compile(r"(?:Job|Node) submit failed after (\d+) (?:tries|try)")
_NO_SUBMIT = re.compile(r"ERROR: condor_submit_dag -no_submit failed for node (\S+?)\.$")
_NODE_LEFT = re.compile(r"Node (\S+) job(?: completed|\(s\) have exited the queue)")
_HOLD_LIMIT = re.compile(r"Total hold count for job \S+ \(node (\S+)\)")
_PARSE = (
    "Failed to parse", "Processing error at", "ERROR: Node ", "ERROR: No nodes", "Dag::", "ERROR: a cycle exists",
    "ERROR: DAG finished but not all nodes are complete", "Cycle in the graph",
)  # fmt: skip
_DAG_LINE = re.compile(r"(?:ERROR: )?(\S+?):(\d+)[: ]|ERROR: (\S+) \(line (\d+)\)")


def _event(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    found = _EVENT.match(text)
    if found is None:
        return None
    name, node, cluster, proc, _, stamp, rest = found.groups()
    if stamp:
        when = reading.clock.epoch(stamp, ts)
        if when is not None:
            ts = when
    recovery = "[recovery mode]" in rest
    job = f"{cluster}.{proc}" if cluster is not None else ""
    if cluster is None:
        node = node.rstrip(".")
    reason = rest.replace("[recovery mode]", "").strip() if rest else ""
    return Record("event", ts, at, node, job, 1 if recovery else 0, name, reason)


def _node(reading: Reading, text: str, ts: float, at: int) -> Record | None:
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
    return _gave_up(reading, text, ts, at)


def _gave_up(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    found = _GAVE_UP.match(text)
    return None if found is None else Record("submit_gave_up", ts, at, value=int(found[1]), text=text)


def _script(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    found = _SCRIPT.match(text)
    if found is None:
        return _pre_skip(reading, text, ts, at)
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


def _pre_skip(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    if not text.startswith("PRE_SKIP return value"):
        return None
    return Record("pre_skip", ts, at, text.rsplit(" ", 1)[-1])


def _running(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    found = _RUNNING.match(text)
    if found is not None:
        return Record("script_start", ts, at, found[2], text=found[1])
    if text.startswith("Running in RECOVERY mode"):
        return Record("recovery_start", ts, at)
    return None


def _submit(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    found = _SUBMITTING.match(text)
    if found is not None:
        return Record("submitting", ts, at, found[1])
    found = _ON_HOLD.match(text)
    if found is not None:
        return Record("submitting", ts, at, found[1], text="on hold")
    if text.startswith("submit error:"):
        return Record("submit_error", ts, at, text=text[13:].strip())
    return None


def _could_not(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    if text.startswith("could not open submit file"):
        return Record("submit_error", ts, at, text=text.strip())
    return None


def _error(reading: Reading, text: str, ts: float, at: int) -> Record | None:
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


def _aborting(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    if "ABORT exit value" in text:
        return Record("abort_value", ts, at, text=text)
    if text.startswith("Aborting DAG..."):
        return Record("aborting", ts, at)
    return _no_retry(reading, text, ts, at)


def _no_retry(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    found = _NO_RETRY.match(text)
    return None if found is None else Record("no_retry", ts, at, found[1] or found[2], text=text)


def _retrying(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    found = _RETRY.match(text)
    return None if found is None else Record("retry", ts, at, found[1], value=int(found[2]), reason=found[3])


def _total_hold(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    found = _HOLD_LIMIT.match(text)
    return None if found is None else Record("hold_limit", ts, at, found[1], text=text.strip())


#: the first five bytes of a line -> its reader
READERS: Final[dict[bytes, Reader]] = {
    b"Event": _event,
    b"Node ": _node,
    b"Job s": _gave_up,
    b"PRE S": _script,
    b"PRE s": _script,
    b"PRE_S": _pre_skip,
    b"POST ": _script,
    b"Runni": _running,
    b"Submi": _submit,
    b"submi": _submit,
    b"could": _could_not,
    b"ERROR": _error,
    b"Abort": _aborting,
    b"Short": _no_retry,
    b"Retry": _retrying,
    b"Total": _total_hold,
}
