"""Words for people on a terminal: those that every interface shares, by the name that the verbs use."""

from __future__ import annotations

from stampede.words import (
    ago,
    clean,
    clock,
    count,
    duration,
    masked,
    megabytes,
    rfc3339,
    shortened,
    size,
    time,
    to_scale,
)

__all__ = [
    "ago",
    "clean",
    "clock",
    "count",
    "duration",
    "masked",
    "megabytes",
    "rfc3339",
    "shortened",
    "size",
    "time",
    "to_scale",
]
