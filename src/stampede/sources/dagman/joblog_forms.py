"""What the events of a job event log say beyond their head line: one struct per kind, read from the text form.

Forms are those HTCondor 23.9 and 25.14 write, and the older ones the manual shows ("Job Event Log Codes"). Every reader
takes the rest of the head line and the lines below it; what a text does not say stays None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

import msgspec

from stampede.model.exits import Exit, exited, signalled
from stampede.sources.dagman.joblog_table import TABLE, Resource, Usage, number, resource_table, usage

#: HTCondor writes the epoch itself as TimeExecute when it lost the start of a job over a restart.
_LOST_START_S = 1e9


class Submitted(msgspec.Struct, frozen=True, gc=False):
    """000, 035, 027: ``address`` is the schedd's sinful string, ``host`` the name in it; ``notes`` the further
    lines."""

    address: str | None = None
    host: str | None = None
    batch_name: str | None = None
    notes: tuple[str, ...] = ()


class Executing(msgspec.Struct, frozen=True):
    """001: where a job began to run. ``host`` is the machine part of the slot, or else the name in the address."""

    address: str | None = None
    host: str | None = None
    slot: str | None = None
    scratch_dir: str | None = None
    cpus: float | None = None
    memory_mb: float | None = None
    disk_kb: float | None = None
    gpus: float | None = None
    properties: dict[str, str] = {}


class Ended(msgspec.Struct, frozen=True):
    """004, 005, 015 and 016: a try, or a POST script, left the machine.

    ``exit`` is None when the event does not tell (a plain eviction). ``run_*`` are of this run, ``total_*`` of all runs
    of the job. ``ended_at`` (a stamp with its own zone) and ``how`` come from the line that says how the process ended.
    """

    exit: Exit | None = None
    core: str | None = None
    checkpointed: bool | None = None
    requeued: bool = False
    code: int | None = None
    subcode: int | None = None
    reason: str | None = None
    run_remote: Usage | None = None
    run_local: Usage | None = None
    total_remote: Usage | None = None
    total_local: Usage | None = None
    run_bytes_sent: int | None = None
    run_bytes_received: int | None = None
    total_bytes_sent: int | None = None
    total_bytes_received: int | None = None
    resources: dict[str, Resource] = {}
    ended_at: str | None = None
    how: str | None = None

    @property
    def execute_s(self) -> float | None:
        """Seconds the job executed (``TimeExecute``); None when unknown or evidently not a duration."""
        row = self.resources.get("TimeExecute")
        return None if row is None or row.usage is None or row.usage >= _LOST_START_S else row.usage


class Held(msgspec.Struct, frozen=True, gc=False):
    """012, and 009, 013, 037, 038 for their reason alone; ``how`` and ``ended_at`` as in :class:`Ended`."""

    reason: str | None = None
    code: int | None = None
    subcode: int | None = None
    how: str | None = None
    ended_at: str | None = None


class Size(msgspec.Struct, frozen=True, gc=False):
    """006: a job's memory. ``image_kb`` is its virtual size."""

    image_kb: int | None = None
    memory_mb: int | None = None
    rss_kb: int | None = None
    pss_kb: int | None = None


class Failure(msgspec.Struct, frozen=True, gc=False):
    """002, 007 and 021: an error of HTCondor's own parts. ``daemon`` is such as ``starter``, ``host`` its slot."""

    message: str
    daemon: str | None = None
    host: str | None = None
    critical: bool = True
    code: int | None = None
    subcode: int | None = None


class Connection(msgspec.Struct, frozen=True, gc=False):
    """022, 023, 024: the schedd lost or found again the machine a job runs on."""

    host: str | None = None
    address: str | None = None
    reason: str | None = None


class Suspended(msgspec.Struct, frozen=True, gc=False):
    """010: how many processes were stopped."""

    processes: int | None = None


class Transfer(msgspec.Struct, frozen=True, gc=False):
    """040: ``kind`` is ``queued``, ``started`` or ``finished``; ``direction`` ``input`` or ``output``."""

    kind: str | None = None
    direction: str | None = None
    address: str | None = None
    queued_s: float | None = None


class Cluster(msgspec.Struct, frozen=True, gc=False):
    """036: the end of a late-materialised cluster, as its text tells."""

    materialized: int | None = None
    rows: int | None = None
    completion: str | None = None


class Note(msgspec.Struct, frozen=True, gc=False):
    """Any other event: its text below the head line, as it is."""

    text: str


Details: TypeAlias = (
    Submitted | Executing | Ended | Held | Size | Failure | Connection | Suspended | Transfer | Cluster | Note
)
Reader: TypeAlias = Callable[[str, str], Details]

_ALIAS = re.compile(r"[?&]alias=([^&>\s]+)")
_SINFUL = re.compile(r"<[^>]*>")
_CODE = re.compile(r"^\s*(?:Reason )?Code (-?\d+) Subcode (-?\d+)\s*$", re.MULTILINE)
_HEAD_CODE = re.compile(r"Code (-?\d+) Subcode (-?\d+)")
_FIELDS = {
    f"{span} {where} Usage": f"{span}_{where}".lower() for span in ("Run", "Total") for where in ("Remote", "Local")
} | {
    f"{span} Bytes {way} By Job": f"{span}_bytes_{way}".lower()
    for span in ("Run", "Total")
    for way in ("Sent", "Received")
}
#: ends of the names of fields that are numbers of bytes; the others are CPU times
_COUNTED = ("_sent", "_received")
_BYTES = re.compile(r"\d+  -  (?:Run|Total) Bytes ")
_EXIT = re.compile(
    r"\([01]\) (?:Normal termination \(return value (-?\d+)\)|Abnormal termination \(signal (\d+)\))", re.ASCII
)
_CORE = re.compile(r"\(1\) Corefile in: (.*)")
_BATCH = re.compile(r'JobBatchName = "((?:[^"\\]|\\.)*)"')
_ERROR_HEAD = re.compile(r"(Error|Warning) from (\S+) on (.*?):?\s*$")
_CLUSTER = re.compile(r"Materialized (\d+) jobs? from (\d+) items?\.?\s*([^\n]*)")


@lru_cache(maxsize=4096)
def address_host(address: str | None) -> str | None:
    """The host a sinful string names: its ``alias=``, else the address before the port."""
    if not address:
        return None
    alias = _ALIAS.search(address)
    if alias:
        return alias[1]
    plain = address.strip("<>").partition("?")[0]
    return plain.rpartition(":")[0] or plain or None


def _address(text: str) -> str | None:
    found = _SINFUL.search(text)
    return found[0] if found else None


def _count(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _first_line(body: str) -> str | None:
    for line in body.split("\n"):
        if (text := line.strip()) and not text.startswith("DAG Node:"):
            return text
    return None


def submitted(head: str, body: str) -> Submitted:
    """000 and 035."""
    address = _address(head)
    notes = []
    batch = None
    for line in body.split("\n"):
        text = line.strip()
        if text.startswith("[ ") and "DAGNodeName" in text:
            found = _BATCH.search(text)
            batch = found[1] if found else None
        elif text and not text.startswith("DAG Node:"):
            notes.append(text)
    return Submitted(address, address_host(address), batch, tuple(notes))


def executing(head: str, body: str) -> Executing:
    """001. Old logs have the address alone."""
    address = _address(head)
    slot = None
    found: dict[str, str] = {}
    for line in body.split("\n"):
        text = line.strip()
        name, equals, value = text.partition(" = ")
        if equals:
            found[name] = value.strip('"')
        elif text.startswith("SlotName:"):
            slot = text[9:].strip()
    return make_executing(address, slot, found)


def make_executing(address: str | None, slot: str | None, found: dict[str, str]) -> Executing:
    """From the parts, which the text and the attribute forms both give."""
    host = slot.rpartition("@")[2] if slot else address_host(address)
    scratch = found.pop("CondorScratchDir", None)
    cpus, memory = number(found.pop("Cpus", "")), number(found.pop("Memory", ""))
    disk, gpus = number(found.pop("Disk", "")), number(found.pop("GPUs", ""))
    return Executing(address, host, slot, scratch, cpus, memory, disk, gpus, found)


def ended(_head: str, body: str) -> Ended:
    """004, 005, 015, 016."""
    values: dict[str, object] = {}
    table = body.find(TABLE)
    upper, lower = (body, "") if table < 0 else (body[:table], body[table:])
    outcome = _EXIT.search(upper)
    if outcome:
        values["exit"] = _exit(outcome[1], outcome[2])
        if outcome[2] and (core := _CORE.search(upper)):
            values["core"] = core[1].strip()
    for line in upper.split("\n"):
        value, dash, what = line.partition("  -  ")
        field = _FIELDS.get(what) if dash else None
        if field is not None:
            value = value.strip()
            values[field] = _count(value) if field.endswith(_COUNTED) else usage(value)
    if lower:
        values["resources"] = resource_table(lower)
    told = _told(lower or upper)
    if told is not None:
        values["ended_at"], values["how"] = told
    return Ended(**values)  # type: ignore[arg-type]


def _told(text: str) -> tuple[str | None, str] | None:
    """When and how the starter says that the process ended: ``Job terminated of its own accord at STAMP with …``."""
    at = text.rfind("\tJob terminated ")
    if at < 0:
        return None
    line = text[at + 16 :].partition("\n")[0].strip().rstrip(".")
    who, _, rest = line.partition(" at ")
    stamp, _, how = rest.partition(" ")
    return stamp or None, how.removeprefix("with ").strip("()") or who


def evicted(head: str, body: str) -> Ended:
    """004: with the code in the head line (25.x), the reason bare (23.x) or behind ``Reason:``."""
    plain = ended(head, body)
    code = _HEAD_CODE.search(head) or _CODE.search(body)
    first = _first_line(body) or ""
    checkpointed = True if first.startswith("(1) Job was checkp") else None
    if first.startswith("(0) Job was not checkp"):
        checkpointed = False
    return msgspec.structs.replace(
        plain,
        checkpointed=checkpointed,
        requeued="Job terminated and was requeued" in body,
        code=int(code[1][:18]) if code else None,
        subcode=int(code[2][:18]) if code else None,
        reason=_eviction_reason(body),
    )


def _eviction_reason(body: str) -> str | None:
    for line in body.split("\n"):
        text = line.strip()
        if text.startswith("Reason:"):
            return text[7:].strip() or None
        if text.startswith(TABLE):
            return None
        if text and not text.startswith(("(0)", "(1)", "Usr ")) and not _BYTES.match(text) and not _CODE.match(text):
            return text
    return None


def _exit(code: str | None, number_text: str | None) -> Exit:
    return signalled(int(number_text[:9])) if number_text is not None else exited(int((code or "0")[:11]))


def held(_head: str, body: str) -> Held:
    """009, 012, 013: a reason, and for 012 its codes."""
    code = _CODE.search(body)
    text = body[: code.start()] if code else body
    told = _told(text)
    if told is not None:
        text = text[: text.rfind("\tJob terminated ")]
    reason = " ".join(part for line in text.split("\n") if (part := line.strip())) or None
    if reason is not None and reason.startswith("Reason: "):
        reason = reason[8:]
    return Held(
        None if reason == "Reason unspecified" else reason,
        int(code[1][:18]) if code else None,
        int(code[2][:18]) if code else None,
        told[1] if told else None,
        told[0] if told else None,
    )


def size(head: str, body: str) -> Size:
    """006: the head ends in the image size in KB."""
    values: dict[str, int | None] = {}
    for line in body.split("\n"):
        value, _, what = line.strip().partition("  -  ")
        values[what.partition(" ")[0]] = _count(value)
    return Size(
        _count(head.rpartition(":")[2].strip()),
        values.get("MemoryUsage"),
        values.get("ResidentSetSize"),
        values.get("ProportionalSetSize"),
    )


def failure(head: str, body: str) -> Failure:
    """002 (the head says what), 007 (the first line below does), 021 (daemon and slot in the head)."""
    code = _CODE.search(body)
    text = body[: code.start()] if code else body
    lines = [part for line in text.split("\n") if (part := line.strip()) and not _BYTES.match(part)]
    source = _ERROR_HEAD.match(head)
    return Failure(
        " ".join(lines) or head,
        source[2] if source else None,
        source[3] if source else None,
        source is None or source[1] == "Error",
        int(code[1][:18]) if code else None,
        int(code[2][:18]) if code else None,
    )


_MACHINE = re.compile(r"(?:econnect(?:ed)? to) (\S+?)(?:,| |$)", re.MULTILINE)


def connection(head: str, body: str) -> Connection:
    """022, 023, 024."""
    machine = _MACHINE.search(head) or _MACHINE.search(body)
    first = _first_line(body)
    reason = None if first is None or first.startswith("startd address:") else first
    return Connection(machine[1] if machine else None, _address(body), reason)


def suspended(_head: str, body: str) -> Suspended:
    """010."""
    return Suspended(_count(body.rpartition(":")[2].strip()))


def transfer(head: str, body: str) -> Transfer:
    """040."""
    first = head.partition(" ")[0]
    kind = {"Entered": "queued", "Started": "started", "Finished": "finished"}.get(first)
    direction = "input" if " input" in head else "output" if " output" in head else None
    waited = re.search(r"Seconds spent in (?:transfer )?queue: *(\d+)", body)
    return Transfer(kind, direction, _address(body), float(waited[1]) if waited else None)


def cluster(_head: str, body: str) -> Cluster:
    """036."""
    found = _CLUSTER.search(body)
    if found is None:
        return Cluster(completion=_first_line(body))
    return Cluster(_count(found[1]), _count(found[2]), found[3].strip() or None)


def note(_head: str, body: str) -> Note:
    """Everything else."""
    return Note(body.strip("\n"))


READERS: dict[int, Reader] = {
    0: submitted,
    1: executing,
    2: failure,
    4: evicted,
    5: ended,
    6: size,
    7: failure,
    9: held,
    10: suspended,
    12: held,
    13: held,
    15: ended,
    16: ended,
    21: failure,
    22: connection,
    23: connection,
    24: connection,
    35: submitted,
    36: cluster,
    37: held,
    38: held,
    40: transfer,
}
