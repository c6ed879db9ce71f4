"""Whether what is served is well, as a supervisor (Nagios, Icinga) wants to know it: checks with thresholds, the worst
of which counts. Pure: what was seen comes in, verdicts go out.

Exit codes and the form of the performance data are those of the Monitoring Plugins' guidelines
(https://www.monitoring-plugins.org/doc/guidelines.html).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

Verdict = Literal["ok", "warning", "critical", "unknown"]
#: verdict -> exit code
EXITS: Final[dict[Verdict, int]] = {"ok": 0, "warning": 1, "critical": 2, "unknown": 3}
#: from best to worst: what is critical counts more than what nobody knows
_WORSE: Final[tuple[Verdict, ...]] = ("ok", "unknown", "warning", "critical")


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """From when on a value is a warning, and critical; ``falling``: the less, the worse. Either may be None: never."""

    warning: float | None
    critical: float | None
    falling: bool = False

    def verdict(self, value: float) -> Verdict:
        """What a value means."""
        if self.critical is not None and self._reached(value, self.critical):
            return "critical"
        return "warning" if self.warning is not None and self._reached(value, self.warning) else "ok"

    def _reached(self, value: float, limit: float) -> bool:
        return value <= limit if self.falling else value >= limit


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """What can be checked: ``unit`` as performance data write it (s, B, % or nothing), and thresholds by default."""

    name: str
    unit: str
    threshold: Threshold
    help: str


#: what is checked, in the order of the answer
CHECKS: Final = {
    unit.name: unit
    for unit in (
        Unit(name="databases", unit="", threshold=Threshold(warning=None, critical=1),
             help="databases that cannot be read"),
        Unit(name="unwatched", unit="", threshold=Threshold(warning=1, critical=None),
             help="running workflows that nobody watches"),
        Unit(name="lag", unit="s", threshold=Threshold(warning=60, critical=600),
             help="how far the stored is behind the log of a running workflow"),
        Unit(name="failing", unit="%", threshold=Threshold(warning=20, critical=50),
             help="failed among the jobs of running workflows that ended"),
        Unit(name="disk", unit="%", threshold=Threshold(warning=10, critical=3, falling=True),
             help="free room on the fullest disk with a database"),
        Unit(name="service", unit="s", threshold=Threshold(warning=2, critical=10),
             help="time until the service answers that it is ready (with --url)"),
    )
}  # fmt: skip


class Checked(msgspec.Struct, kw_only=True):
    """One check: ``value`` None when there was nothing to look at, which is well, or it failed; ``detail`` says why."""

    name: str
    verdict: Verdict
    value: float | None
    unit: str
    warning: float | None
    critical: float | None
    detail: str

    def performance(self) -> str:
        """``lag=12s;60;600;0`` as Nagios reads it; empty without a value."""
        if self.value is None:
            return ""
        falling = CHECKS[self.name].threshold.falling
        limits = [_range(limit, falling=falling) for limit in (self.warning, self.critical)]
        return f"{self.name}={self.value:.6g}{self.unit};{limits[0]};{limits[1]};0"


def _range(limit: float | None, *, falling: bool) -> str:
    if limit is None:
        return ""
    return f"{limit:g}:" if falling else f"{limit:g}"


def checked(name: str, value: float | None, detail: str, threshold: Threshold) -> Checked:
    """The verdict on a value; one that is not there is well."""
    return Checked(
        name=name, verdict="ok" if value is None else threshold.verdict(value), value=value, unit=CHECKS[name].unit,
        warning=threshold.warning, critical=threshold.critical, detail=detail,
    )  # fmt: skip


def failed(name: str, detail: str, threshold: Threshold, verdict: Verdict = "critical") -> Checked:
    """The verdict on a check that could not be made."""
    return Checked(name=name, verdict=verdict, value=None, unit=CHECKS[name].unit, warning=threshold.warning,
                   critical=threshold.critical, detail=detail)  # fmt: skip


def worst(checks: Iterable[Checked]) -> Verdict:
    """The verdict on all; unknown when nothing was checked."""
    verdicts = [one.verdict for one in checks]
    return max(verdicts, key=_WORSE.index) if verdicts else "unknown"


def line(verdict: Verdict, checks: list[Checked]) -> str:
    """``STAMPEDE WARNING: what is wrong | performance data``: the first line that a supervisor shows."""
    wrong = [one.detail for one in checks if one.verdict != "ok"]
    said = "; ".join(wrong) if wrong else "; ".join(one.detail for one in checks) or "nothing was checked"
    data = " ".join(filter(None, (one.performance() for one in checks)))
    text = f"STAMPEDE {verdict.upper()}: {said}".replace("|", "/").replace("\n", " ")
    return f"{text} | {data}" if data else text
