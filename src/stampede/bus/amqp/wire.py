"""A message as AMQP carries it: what is known of it in headers, the records in the body.

Also what others send: Pegasus' monitor publishes single events as JSON with the name of the event as routing key, and
without any header of ours.
"""

from __future__ import annotations

import time
from typing import Any, Final

from stampede.bus.amqp.topology import ROOT_HEADER
from stampede.bus.message import Buried, Message

_TYPES: Final = {"jsonl": "application/x-ndjson", "bp": "text/plain", "bson": "application/bson"}
_FORMS: Final = {"application/x-ndjson": "jsonl", "application/json": "jsonl", "text/plain": "bp",
                 "application/bson": "bson"}  # fmt: skip
_SOURCE, _FIRST, _COUNT, _REASON = "stampede-source", "stampede-first", "stampede-count", "stampede-reason"
_KEY, _SENT, _BURIED = "stampede-key", "stampede-sent-ms", "stampede-buried-ms"


def properties(message: Message, *, reason: str = "") -> dict[str, Any]:
    """The properties of a message by name; persistent, so that a broker that is started again has it."""
    headers: dict[str, Any] = {}
    if message.source:
        headers |= {_SOURCE: message.source, _FIRST: message.first, _COUNT: message.count}
    if message.root:
        headers[ROOT_HEADER] = message.root
    if message.sent_ts is not None:
        headers[_SENT] = int(message.sent_ts * 1000)
    if reason:
        headers |= {_REASON: reason[:2000], _KEY: message.key, _BURIED: int(time.time() * 1000)}
    return {
        "content_type": _TYPES.get(message.form, _TYPES["jsonl"]),
        "content_encoding": None if message.coding == "identity" else message.coding,
        "delivery_mode": 2,
        "headers": headers or None,
        "app_id": "stampede",
    }


def message(key: str, found: Any, body: bytes) -> tuple[Message, str]:
    """The message again, and why it cannot be used (empty when it can)."""
    headers = found.headers or {}
    source, root = headers.get(_SOURCE, ""), headers.get(ROOT_HEADER, "")
    first, count, sent_ms = headers.get(_FIRST, 0), headers.get(_COUNT, 1), headers.get(_SENT)
    form = _FORMS.get(found.content_type or "", "") or _form(body)
    fault = ""
    if not (isinstance(source, str) and isinstance(root, str) and isinstance(first, int) and isinstance(count, int)):
        source, root, first, count, fault = "", "", 0, 1, f"its headers are not what they should be: {headers!r:.300}"
    return Message(
        key=key, source=source, root=root, first=first, count=count, form=form,
        coding=found.content_encoding or "identity", body=body,
        sent_ts=sent_ms / 1000 if isinstance(sent_ms, int) else None,
    ), fault  # fmt: skip


def buried(found: Any, body: bytes) -> Buried:
    """A message that was put aside: by a loader, which says why, or by the broker."""
    headers = found.headers or {}
    deaths = headers.get("x-death") or [{}]
    key = headers.get(_KEY) or (deaths[0].get("routing-keys") or [""])[0]
    reason = headers.get(_REASON) or f"the broker says: {deaths[0].get('reason', 'unknown')}"
    ended_ms = headers.get(_BURIED)
    return Buried(
        message=message(str(key), found, body)[0], reason=str(reason),
        buried_ts=ended_ms / 1000 if isinstance(ended_ms, int) else None,
    )  # fmt: skip


def _form(body: bytes) -> str:
    """The form of a message whose sender does not say: as the first bytes look."""
    start = body[:64].lstrip()
    if start.startswith(b"{"):
        return "jsonl"
    return "bp" if start[:3] == b"ts=" or start[:6] == b"event=" else "bson" if body[3:4] == b"\x00" else "bp"
