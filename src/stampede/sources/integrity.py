"""Checksums made and checked by one try, summed as the database keeps them: one count per kind and side.

Three places tell of them: the summary that PegasusLite appends to the output, checksums in the files of kickstart
records, and ``int.metric`` payloads that pegasus-transfer prints (``{"event": "check", "file_type": "output",
"succeeded": 1, "failed": 0, "duration": 0.141}``; ``count`` instead of ``succeeded`` when nothing can fail).
"""

from __future__ import annotations

import msgspec

from stampede.sources.pegasus.records import JobOutput

#: ``monitoring_event`` of payloads that hold nothing but integrity metrics
PAYLOAD_EVENT = "int.metric"
_KINDS = frozenset({"check", "compute"})
_SIDES = frozenset({"input", "output"})


class Metric(msgspec.Struct):
    """How many checksums of one kind, and the seconds they took."""

    type: str
    file_type: str
    count: int = 0
    duration_s: float = 0.0


def metrics(output: JobOutput) -> tuple[list[Metric], int]:
    """The sums by (type, file_type), in the order of their first mention, and how many checks failed."""
    sums: dict[tuple[str, str], Metric] = {}
    failed = 0

    def add(kind: str, side: str, count: int, duration_s: float) -> None:
        metric = sums.setdefault((kind, side), Metric(kind, side))
        metric.count += count
        metric.duration_s += duration_s

    if output.integrity is not None:
        failed += output.integrity.failed
        add("check", "input", output.integrity.succeeded + output.integrity.failed, output.integrity.duration_s)
    for invocation in output.invocations:
        for file in invocation.files:
            if file.output and file.sha256:
                add("compute", "output", 1, file.checksum_timing or 0.0)
    for payload in output.payloads:
        if payload.monitoring_event != PAYLOAD_EVENT:
            continue
        for item in payload.payload:
            kind, side = item.get("event"), item.get("file_type")
            if isinstance(kind, str) and isinstance(side, str) and kind in _KINDS and side in _SIDES:
                bad = _count(item.get("failed"))
                failed += bad
                add(kind, side, _count(item.get("count", item.get("succeeded"))) + bad, _seconds(item.get("duration")))
    return list(sums.values()), failed


def _count(value: object) -> int:
    return int(_seconds(value))


def _seconds(value: object) -> float:
    """A number, or text of one (Pegasus writes durations as text); 0 for what is none."""
    try:
        number = float(value) if isinstance(value, (int, float, str)) else 0.0
    except (ValueError, OverflowError):
        return 0.0
    return number if 0 <= number < 1e15 else 0.0
