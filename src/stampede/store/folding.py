"""Rows of several workflows folded into one of all of them: what most questions are about, in fewer rows."""

from __future__ import annotations

from typing import Any, Final

from stampede.model.histogram import Histogram
from stampede.store import blocks
from stampede.store.blocks import Row

#: the workflow of rows that are of all workflows of their block
ALL: Final = 0
#: table -> how many of its columns (but the block and the workflow) name a group
_NAMING: Final = {
    "statistics_try": 5, "statistics_invocation": 3, "statistics_time": 3, "statistics_integrity": 2,
}  # fmt: skip
FOLDED: Final = tuple(_NAMING)


def folded(table: str, rows: list[Row]) -> list[Row]:
    """Rows of a block (block, workflow, group, sums, histograms) added up over the workflows."""
    naming = 2 + _NAMING[table]
    names = ("block", *blocks.COLUMNS[table])
    groups: dict[Row, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[2:naming], []).append(row)
    return [
        (own[0][0], ALL, *key, *(_fold(names[i], [row[i] for row in own]) for i in range(naming, len(names))))
        for key, own in groups.items()
    ]


def combine(name: str) -> str:
    """How values of a column are put together: ``min``, ``max`` or ``sum``."""
    words = name.split("_")
    return next((how for how in ("min", "max") if how in words), "sum")


def _fold(name: str, values: list[Any]) -> Any:
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return known[0] if known else None
    if name.endswith(blocks.BINS):
        together = Histogram({})
        for data in known:
            together.add_encoded(data)
        return together.encoded()
    how = combine(name)
    return min(known) if how == "min" else max(known) if how == "max" else sum(known)
