"""Job events written as ClassAds in JSON or XML: the same details from attributes instead of text.

Attribute names are those of HTCondor's event ads (manual, "Job Event Log"; ``DEFAULT_USERLOG_FORMAT_OPTIONS``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias
from xml.etree import ElementTree as ET

import msgspec

from stampede.model.exits import Exit, exited, signalled
from stampede.sources.dagman import joblog_forms as forms
from stampede.sources.dagman.joblog_forms import Details
from stampede.sources.dagman.joblog_table import Resource, Usage, number, usage

Ad: TypeAlias = Mapping[str, object]

_RESOURCES = (("Cpus", None), ("Disk", "KB"), ("GPUs", None), ("Memory", "MB"))
_TRANSFERS = (
    (None, None),
    ("queued", "input"),
    ("started", "input"),
    ("finished", "input"),
    ("queued", "output"),
    ("started", "output"),
    ("finished", "output"),
)


def from_json(data: bytes) -> Ad | None:
    """The ad of one JSON object; None when it is none."""
    try:
        ad = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return ad if isinstance(ad, dict) else None


def from_xml(data: bytes) -> Ad | None:
    """The ad of one ``<c>`` element; None when it is not well-formed. No entity can be declared inside an element."""
    try:
        root = ET.fromstring(data)
    except (ET.ParseError, ValueError, RecursionError):
        return None
    return _element(root, 0)


def _element(root: ET.Element, depth: int) -> dict[str, object]:
    ad: dict[str, object] = {}
    for attribute in root.findall("a"):
        name = attribute.get("n")
        value = next(iter(attribute), None)
        if name is not None and value is not None:
            ad[name] = _value(value, depth)
    return ad


def _value(element: ET.Element, depth: int) -> object:
    text = element.text or ""
    if element.tag == "i" and text.strip().lstrip("-").isdecimal() and len(text) < 20:
        return int(text)
    if element.tag == "r":
        return number(text.strip())
    if element.tag == "b":
        return element.get("v") in ("t", "true")
    if element.tag == "c" and depth < 8:
        return _element(element, depth + 1)
    return text


def text_of(ad: Ad, name: str) -> str | None:
    """A text attribute, None when absent, empty or something else."""
    value = ad.get(name)
    return value if isinstance(value, str) and value else None


def int_of(ad: Ad, name: str) -> int | None:
    """A whole number, None when absent or something else."""
    value = ad.get(name)
    if isinstance(value, float) and value == value and abs(value) < 1e18:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63 else None


def float_of(ad: Ad, name: str) -> float | None:
    """A number, None when absent or something else."""
    value = ad.get(name)
    return (
        float(value) if isinstance(value, float | int) and not isinstance(value, bool) and abs(value) < 1e18 else None
    )


def node_of(ad: Ad) -> str | None:
    """The DAG node: an attribute of its own, or inside the log notes (``DAG Node: A``)."""
    name = text_of(ad, "DAGNodeName")
    if name is not None:
        return name
    for field in ("LogNotes", "SkipEventLogNotes", "Notes"):
        notes = text_of(ad, field)
        if notes is not None and notes.startswith("DAG Node:"):
            return notes[9:].strip() or None
    return None


def _submitted(ad: Ad) -> Details:
    address = text_of(ad, "SubmitHost")
    notes = tuple(n for f in ("LogNotes", "UserNotes") if (n := text_of(ad, f)) and not n.startswith("DAG Node:"))
    return forms.Submitted(address, forms.address_host(address), text_of(ad, "JobBatchName"), notes)


def _executing(ad: Ad) -> Details:
    properties = ad.get("ExecuteProps")
    found = {k: _plain(v) for k, v in properties.items()} if isinstance(properties, dict) else {}
    return forms.make_executing(text_of(ad, "ExecuteHost"), text_of(ad, "SlotName"), found)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _exit(ad: Ad) -> Exit | None:
    normally = ad.get("TerminatedNormally")
    code, signal = int_of(ad, "ReturnValue"), int_of(ad, "TerminatedBySignal")
    if normally is True and code is not None:
        return exited(code)
    return signalled(signal) if signal is not None else None


def _usage(ad: Ad, name: str) -> Usage | None:
    text = text_of(ad, name)
    return usage(text) if text else None


def _resources(ad: Ad) -> dict[str, Resource]:
    rows = {}
    for name, unit in _RESOURCES:
        usage = float_of(ad, f"{name}Usage")
        request, allocated = float_of(ad, f"Request{name}"), float_of(ad, name)
        assigned = text_of(ad, f"Assigned{name}")
        if (usage, request, allocated, assigned) != (None, None, None, None):
            rows[name] = Resource(unit, usage, request, allocated, assigned)
    for name in ("TimeExecute", "TimeSlotBusy"):
        seconds = float_of(ad, f"{name}Usage")
        if seconds is not None:
            rows[name] = Resource("s", seconds)
    return rows


def _ended(ad: Ad) -> Details:
    checkpointed = ad.get("Checkpointed")
    toe = ad.get("ToE")
    how = text_of(toe, "How") if isinstance(toe, dict) else None
    return forms.Ended(
        exit=_exit(ad),
        core=text_of(ad, "CoreFile"),
        checkpointed=checkpointed if isinstance(checkpointed, bool) else None,
        requeued=ad.get("TerminatedAndRequeued") is True,
        code=int_of(ad, "ReasonCode"),
        subcode=int_of(ad, "ReasonSubCode"),
        reason=text_of(ad, "Reason"),
        run_remote=_usage(ad, "RunRemoteUsage"),
        run_local=_usage(ad, "RunLocalUsage"),
        total_remote=_usage(ad, "TotalRemoteUsage"),
        total_local=_usage(ad, "TotalLocalUsage"),
        run_bytes_sent=int_of(ad, "SentBytes"),
        run_bytes_received=int_of(ad, "ReceivedBytes"),
        total_bytes_sent=int_of(ad, "TotalSentBytes"),
        total_bytes_received=int_of(ad, "TotalReceivedBytes"),
        resources=_resources(ad),
        how=how,
    )


def _held(ad: Ad) -> Details:
    reason = text_of(ad, "HoldReason") or text_of(ad, "Reason")
    return forms.Held(reason, int_of(ad, "HoldReasonCode"), int_of(ad, "HoldReasonSubCode"))


def _size(ad: Ad) -> Details:
    names = ("Size", "MemoryUsage", "ResidentSetSize", "ProportionalSetSize")
    return forms.Size(*(int_of(ad, name) for name in names))


def _failure(ad: Ad) -> Details:
    message = text_of(ad, "ErrorMsg") or text_of(ad, "Message") or ""
    critical = ad.get("CriticalError") is not False
    code, subcode = int_of(ad, "HoldReasonCode"), int_of(ad, "HoldReasonSubCode")
    return forms.Failure(message, text_of(ad, "Daemon"), text_of(ad, "ExecuteHost"), critical, code, subcode)


def _connection(ad: Ad) -> Details:
    reason = text_of(ad, "DisconnectReason") or text_of(ad, "Reason")
    return forms.Connection(text_of(ad, "StartdName"), text_of(ad, "StartdAddr"), reason)


def _suspended(ad: Ad) -> Details:
    return forms.Suspended(int_of(ad, "NumberOfPIDs"))


def _transfer(ad: Ad) -> Details:
    kind = int_of(ad, "Type") or 0
    word, direction = _TRANSFERS[kind] if 0 <= kind < len(_TRANSFERS) else (None, None)
    return forms.Transfer(word, direction, text_of(ad, "Host"), float_of(ad, "QueueingDelay"))


def _cluster(ad: Ad) -> Details:
    completion = ad.get("Completion")
    shown = None if completion is None else _plain(completion)
    return forms.Cluster(int_of(ad, "NextProcId"), int_of(ad, "NextRow"), shown)


_READERS: dict[int, Callable[[Ad], Details]] = {
    0: _submitted,
    1: _executing,
    2: _failure,
    4: _ended,
    5: _ended,
    6: _size,
    7: _failure,
    9: _held,
    10: _suspended,
    12: _held,
    13: _held,
    15: _ended,
    16: _ended,
    21: _failure,
    22: _connection,
    23: _connection,
    24: _connection,
    35: _submitted,
    36: _cluster,
    37: _held,
    38: _held,
    40: _transfer,
}


def details(number: int, ad: Ad) -> Details:
    """The details of one event from its ad; unknown numbers keep the ad as JSON text."""
    reader = _READERS.get(number)
    return reader(ad) if reader is not None else forms.Note(_plain(dict(ad)))
