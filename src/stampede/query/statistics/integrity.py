"""Checks of the integrity of files: checksums compared and computed."""

from __future__ import annotations

from typing import Any

import msgspec

from stampede.query.statistics.scope import Scope
from stampede.query.statistics.sums import grouped


class Checks(msgspec.Struct, kw_only=True):
    """Checksums of one kind: ``type`` is ``check`` (compared) or ``compute``, ``file_type`` ``input`` or ``output``."""

    wf_id: int | None
    type: str
    file_type: str
    files: int
    duration_s: float


def checks_of(scope: Scope, *, each: bool = False) -> list[Checks]:
    """The checks of the workflows by kind; of ``each`` workflow apart, or of all together."""
    by = (*(("wf_id",) if each else ()), "type", "file_type")
    names = (*by, "files", "duration_s")
    absent: dict[str, Any] = {} if each else {"wf_id": None}
    return [
        Checks(**dict(zip(names, row, strict=True)), **absent)
        for row in grouped(scope.reader, "added_integrity", by, ("files", "duration_s"))
    ]
