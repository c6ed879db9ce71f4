"""What two databases answer, field by field."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

import stampede
from stampede.query.collections import COLLECTIONS

#: judged when a run is stored, which nobody did of one that is read in place
NOT_COMPARED = {"anomalies"}
#: from so many workflows on, only some are asked everything
MANY = 20


def answers(url: str, lists: Sequence[str] = ()) -> dict[str, Any]:
    """All rows of all lists (or of those named) of the workflows, and what their verbs say; of some where they are
    many."""
    found: dict[str, Any] = {}
    with stampede.open(url) as session:
        found["workflows"] = sorted((msgspec.to_builtins(w) for w in session.workflows()), key=_key)
        uuids = sorted(w["wf_uuid"] for w in found["workflows"])
        for uuid in uuids if len(uuids) < MANY else uuids[::40]:
            wf = session.workflow(uuid)
            for name in lists or COLLECTIONS.keys() - NOT_COMPARED:
                found[f"{uuid} {name}"] = sorted((msgspec.to_builtins(row) for row in getattr(wf, name)()), key=_key)
            for name in ("status", "statistics", "triage"):
                found[f"{uuid} {name}"] = msgspec.to_builtins(getattr(wf, name)())
    return found


def _key(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)


def differences(one: Any, other: Any) -> list[str]:
    """What is not the same, and where; nothing when all is."""
    return list(_different("", one, other))


def _are_close(one: Any, other: Any) -> bool:
    """Whether two numbers differ by the order in which their parts were added up."""
    return isinstance(one, float) and isinstance(other, float) and math.isclose(one, other, rel_tol=1e-9)


def _different(where: str, one: Any, other: Any) -> Iterator[str]:
    if one == other or _are_close(one, other):
        return
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _different(f"{where}/{key}", one.get(key), other.get(key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from _different(f"{where}/{number}", a, b)
    else:
        yield f"{where}: {one!r} != {other!r}"
