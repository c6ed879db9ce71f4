"""Words for a forecast of the end: ``14:20 to 14:50 (80 %), most likely 14:35``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stampede.analysis.progress.progress import Progress
from stampede.cli import text

if TYPE_CHECKING:
    from stampede.analysis.forecast import Forecast

#: from this age on a forecast is said to be old, in seconds
OLD_S: Final = 600.0


def work(p: Progress) -> str:
    """How far it is by the work that is expected: ``42 % of the work is done (61 % of the nodes)``.

    Rounded down, as the bar of ``status`` is: nothing is wholly done before it is."""
    return f"{int(p.percent_work)} % of the work is done ({int(p.percent_jobs)} % of the nodes)"


def end(p: Progress, now: float | None = None) -> str:
    """When it ends: ``14:20:10 to 14:50:03 (80 %), most likely 14:31:40, in 12 min 04 s``, or why nobody can tell.

    ``now`` is the clock: a forecast made for a time long before says so."""
    if p.eta_ts is None:
        return f"nobody can tell: {p.no_eta or 'nothing is known of it'}"
    told = f"{span(p)}, most likely {text.clock(p.eta_ts, after=p.as_of_ts)}, in {text.duration(p.remaining_s)}"
    if p.earlier_runs:
        told += f", from {text.count(p.earlier_runs, 'earlier run')} too"
    if now is not None and now - p.as_of_ts > OLD_S:
        told += f", as it stood at the last record ({text.time(p.as_of_ts)})"
    return told


def span(p: Progress) -> str:
    """``14:20:10 to 14:50:03 (80 %)``."""
    low = text.clock(p.eta_low_ts, after=p.as_of_ts)
    return f"{low} to {text.clock(p.eta_high_ts, after=p.as_of_ts)} ({p.confidence:.0%})".replace("%)", " %)")


def limit(p: Progress) -> str:
    """What limits it now."""
    return p.limit or "-"


def line(p: Progress) -> str:
    """All of it in one line: ``ends 14:20:10 to 14:50:03 (80 %), limited by slots``."""
    if p.eta_ts is None:
        return f"no end in sight: {(p.limited_by or '').replace('_', ' ')}"
    return f"ends {span(p)}, limited by {(p.limited_by or '').replace('_', ' ')}"


def risk(f: Forecast) -> str:
    """``fails with probability 0.83: 3 jobs of type sifting are on their last try``."""
    if f.doomed:
        told = "lost: it cannot end well any more"
    else:
        told = f"fails with probability {f.probability:.2f}" if f.probability is not None else "nobody can tell"
    return f"{told}: {f.reasons[0].rstrip('.')}" if f.reasons else told
