"""Monitoring payloads: JSON that a program prints between two marks in its output, taken out of the text.

The object is ``{"ts": …, "monitoring_event": "…", "payload": [{…}, …]}``.
"""

from __future__ import annotations

import msgspec

from stampede.sources.pegasus.records import MonitoringPayload, RecordProblem

START = "@@@MONITORING_PAYLOAD - START@@@"
END = "@@@MONITORING_PAYLOAD - END@@@"

DEFAULT_EVENT = "monitoring.additional"


class _Wire(msgspec.Struct):
    ts: float | None = None
    monitoring_event: str = DEFAULT_EVENT
    payload: list[dict[str, object]] | dict[str, object] = []


_DECODER = msgspec.json.Decoder(_Wire, strict=False)


def extract_payloads(
    text: str, stream: str, invocation: int | None, offset: int, problems: list[RecordProblem]
) -> tuple[str, list[MonitoringPayload]]:
    """``text`` without its payloads, and these.

    What stands between the marks but cannot be read stays in the text, as does a start without an end: the program's
    words are never lost. ``offset`` is that of the record (or the rest) the text came from.
    """
    kept: list[str] = []
    found: list[MonitoringPayload] = []
    position = 0
    while (start := text.find(START, position)) != -1:
        end = text.find(END, start)
        if end == -1:
            message = "A monitoring payload has no end mark; the output was probably cut. It stays in the text."
            problems.append(RecordProblem("payload", message, offset))
            break
        after = end + len(END)
        try:
            wire = _DECODER.decode(text[start + len(START) : end])
        except (msgspec.MsgspecError, RecursionError) as error:
            message = f"A monitoring payload is not the JSON it should be ({str(error)[:120]}). It stays in the text."
            problems.append(RecordProblem("payload", message, offset))
            kept.append(text[position:after])
            position = after
            continue
        items = wire.payload if isinstance(wire.payload, list) else [wire.payload]
        found.append(MonitoringPayload(wire.ts, wire.monitoring_event, items, stream, invocation, offset))
        kept.append(text[position:start])
        position = after + 1 if text.startswith("\n", after) else after
    kept.append(text[position:])
    return "".join(kept), found
