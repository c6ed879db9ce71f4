"""Figures as OpenMetrics text 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec

MEDIA_TYPE: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"
Kind = Literal["counter", "gauge", "histogram", "info"]
Labels = Mapping[str, str]


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """A metric: its name (of a counter without ``_total``), what it says, and the names of its labels. A unit is the
    end of the name."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    unit: Literal["", "seconds", "bytes"] = ""


class Text:
    """The text while it is written: families one after the other, each with its samples."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def family(self, family: Family, samples: Iterable[tuple[Labels, float]]) -> None:
        """A counter, gauge or info, and its samples: labels and value."""
        self._head(family)
        suffix = {"counter": "_total", "info": "_info"}.get(family.kind, "")
        for labels, value in samples:
            self._lines.append(f"{family.name}{suffix}{_labels(labels)} {_number(value)}")

    def histogram(
        self, family: Family, bounds: tuple[float, ...], samples: Iterable[tuple[Labels, list[int], float]]
    ) -> None:
        """A histogram: labels, how many fell into each bucket (one more than there are bounds), and the sum."""
        self._head(family)
        for labels, counts, total in samples:
            below = 0
            for bound, count in zip((*bounds, math.inf), counts, strict=True):
                below += count
                self._lines.append(f"{family.name}_bucket{_labels({**labels, 'le': _number(bound)})} {below}")
            self._lines.append(f"{family.name}_sum{_labels(labels)} {_number(total)}")
            self._lines.append(f"{family.name}_count{_labels(labels)} {below}")

    def _head(self, family: Family) -> None:
        self._lines.append(f"# TYPE {family.name} {family.kind}")
        if family.unit:
            self._lines.append(f"# UNIT {family.name} {family.unit}")
        self._lines.append(f"# HELP {family.name} {_escaped(family.help)}")

    def end(self) -> bytes:
        """All of it."""
        return ("\n".join([*self._lines, "# EOF"]) + "\n").encode("utf-8", "replace")


def _labels(labels: Labels) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if isinstance(value, int):
        return str(value)
    return repr(float(value))
