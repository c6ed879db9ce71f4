"""dagman.out of DAGMan itself: starts and ends, recovery, rescue DAGs, its tables, halts; one small reader a form."""

from __future__ import annotations

import re
from typing import Final

from stampede.sources.dagman.dagmanout_record import Reader, Reading, Record

_EXIT = re.compile(r"\*\*\*\* (\S+) \(condor_DAGMAN\) (?:pid \d+ )?EXITING WITH STATUS (-?\d+)")
_STARTING = re.compile(r"\*\* (\S+) \((?:condor_)?DAGMAN\) STARTING UP", re.I)
_STATUS = re.compile(r"DAG status: (\d+) \((\w+)\)")
_TOTAL = re.compile(r"Of (\d+) nodes total")
_RESCUE = re.compile(
    r"(?:Found rescue DAG number (\d+)|Rescue DAG file specified; running (\S+)|USING RESCUE DAG (\S+))"
)
_RESCUE_NUMBER = re.compile(r"\.rescue(\d+)$")


def _stars(reading: Reading, text: str, ts: float, at: int) -> Record | None:
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


def _workflow(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    if text.startswith("Workflow batch-id: <"):
        return Record("batch_id", ts, at, text=text[20:].rstrip("> "))
    return None


def _parsing(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    if text.endswith("...") and not text.startswith("Parsing 1 dagfiles"):
        return Record("parsing", ts, at, text=text[8:-3].strip())
    return None


def _done_recovery(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    return Record("recovery_end", ts, at) if "RECOVERY" in text else None


def _rescue(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    found = _RESCUE.match(text)
    if found is None:
        return None
    name = found[2] or found[3] or ""
    number = found[1] or (m[1] if (m := _RESCUE_NUMBER.search(name)) else "0")
    return Record("rescue_read", ts, at, value=int(number), text=name)


def _writing(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    if text.startswith("Writing Rescue DAG to "):
        return Record("rescue_written", ts, at, text=text[22:].rstrip(". "))
    return None


def _number_of(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    if text.startswith("Number of pre-completed nodes: "):
        number = text[31:].strip()
        return Record("precompleted", ts, at, value=int(number)) if number.isdigit() else None
    return None


def _status(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    found = _STATUS.match(text)
    return None if found is None else Record("status", ts, at, value=int(found[1]), text=found[2])


def of(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    """How many nodes there are, ahead of the node table."""
    found = _TOTAL.match(text)
    if found is None:
        return None
    reading.total = int(found[1])
    return Record("nodes_total", ts, at, value=reading.total)


def numbers(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    """Lines that begin with blanks: the node table's figures, a hold reason, a failed node and its error."""
    fields = text.split()
    if len(fields) in (7, 8) and all(f.isdigit() for f in fields):
        counts = tuple(int(f) for f in fields)
        return Record("nodes", ts, at, value=reading.total, counts=counts if len(counts) == 8 else (*counts, -1))
    if text.startswith("  Hold reason:"):
        return Record("hold_reason", ts, at, text=text[14:].strip())
    stripped = text.lstrip()
    if stripped.startswith("Node Name: "):
        return Record("failed_node", ts, at, stripped[11:].strip())
    if stripped.startswith("Error: "):
        return Record("failed_error", ts, at, text=stripped[7:].strip())
    return None


def held_count(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    """How many job procs are held."""
    if text.endswith("job proc(s) currently held"):
        return Record("held_count", ts, at, value=int(text.split(" ", 1)[0]))
    return None


def _received(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    if text.startswith("Received SIG"):
        return Record("signal", ts, at, text=text[9:].strip())
    return None


def _dag(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    if text.startswith("DAG status:"):
        return _status(reading, text, ts, at)
    if text.startswith("DAG is halted"):
        return Record("halted", ts, at, text=text)
    if text.startswith("DAG going from halted"):
        return Record("resumed", ts, at)
    return None


def _halt(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    if text.startswith("Halting DAGMan"):
        return Record("halted", ts, at)
    if text.startswith("Halt reason:"):
        return Record("halt_reason", ts, at, text=text[12:].strip())
    return None


def _resuming(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    return Record("resumed", ts, at) if text.startswith("Resuming DAG") else None


def _failed(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    return Record("parse_error", ts, at, text=text.strip()) if text.startswith("Failed to parse") else None


def _processing(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    return Record("parse_error", ts, at, text=text.strip()) if text.startswith("Processing error at") else None


def _cycle(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    return Record("cycle", ts, at, text=text.strip()) if text.startswith("Cycle in") else None


def _multi_log(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    if text.startswith("MultiLogFiles: truncating log file "):
        return Record("truncated_log", ts, at, text=text[35:].strip())
    return None


def _read_log(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    return Record("event_error", ts, at, text=text.strip()) if text.startswith("ReadUserLog: error") else None


def _duplicate(reading: Reading, text: str, ts: float, at: int) -> Record | None:
    if "is still alive" in text or "already running" in text or "appears to be" in text:
        return Record("duplicate", ts, at, text=text.strip())
    return None


#: the first five bytes of a line -> its reader
READERS: Final[dict[bytes, Reader]] = {
    b"****C": _stars,
    b"**** ": _stars,
    b"** co": _stars,
    b"** Co": _stars,
    b"** $C": _stars,
    b"** PI": _stars,
    b"Workf": _workflow,
    b"Parsi": _parsing,
    b"...do": _done_recovery,
    b"Found": _rescue,
    b"Rescu": _rescue,
    b"USING": _rescue,
    b"Writi": _writing,
    b"Numbe": _number_of,
    b"DAG s": _status,
    b"DAG i": _dag,
    b"DAG g": _dag,
    b"Recei": _received,
    b"Halti": _halt,
    b"Halt ": _halt,
    b"Resum": _resuming,
    b"Faile": _failed,
    b"Proce": _processing,
    b"Cycle": _cycle,
    b"Multi": _multi_log,
    b"ReadU": _read_log,
    b"Dupli": _duplicate,
}
