"""What the detector tells: an anomaly, what was expected, and why."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["job", "host", "baseline", "failure_rate", "stall", "start_without_end"]


class Anomaly(msgspec.Struct, kw_only=True, frozen=True):
    """One thing that is not as it was. ``kind`` and ``subject`` name it within its run: told again, it is replaced.

    ``subject`` is the try of a job (``inner/B 2``), a host, a transformation, or the time at which a silence began.
    ``observed``, ``expected`` and the bounds ``low`` and ``high`` are in ``unit`` (``s``, ``spreads``, ``share``).
    ``jobs`` of ``of_jobs`` show it. ``score`` ranks: spreads, or the logarithm of a likelihood ratio.
    """

    kind: Kind
    subject: str
    ts: float
    reason: str
    job: str | None = None
    attempt: int | None = None
    host: str | None = None
    transformation: str | None = None
    unit: str = "s"
    observed: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    jobs: int | None = None
    of_jobs: int | None = None
    score: float | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What names it within its run."""
        return self.kind, self.subject
