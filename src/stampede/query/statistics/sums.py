"""How sums are asked for: groups by some columns, with their histograms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from stampede.model.histogram import Histogram
from stampede.store.folding import combine
from stampede.store.reader import Reader, Row

T = TypeVar("T")
#: the columns that a group has in common
Key = tuple[Any, ...]


def grouped(reader: Reader, view: str, by: Sequence[str], sums: Sequence[str]) -> list[Row]:
    """Rows of a view added up: the columns ``by``, then ``sums`` (``*_max*`` and ``*_min*`` are no sums)."""
    keys = ", ".join(by)
    values = ", ".join(f"{combine(name)}({name})" for name in sums)
    order = f" GROUP BY {keys} ORDER BY {keys}" if by else ""
    return reader.rows(f"SELECT {', '.join(filter(None, (keys, values)))} FROM temp.{view}{order}")


def histograms(reader: Reader, view: str, by: Sequence[str], bins: Sequence[str]) -> dict[Key, list[Histogram]]:
    """The histograms of each group, in the order of ``bins``."""
    found: dict[Key, list[Histogram]] = {}
    if not bins:
        return found
    size = len(by)
    for row in reader.iterate(f"SELECT {', '.join((*by, *bins))} FROM temp.{view}"):
        key = row[:size]
        own = found.get(key)
        if own is None:
            own = found[key] = [Histogram({}) for _ in bins]
        for histogram, data in zip(own, row[size:], strict=True):
            if data is not None:
                histogram.add_encoded(data)
    return found
