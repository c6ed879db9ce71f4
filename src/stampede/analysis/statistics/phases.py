"""Where the time of jobs went: waiting, moving data, running, scripts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, get_args

import msgspec

from stampede.analysis.statistics.spread import Spread, share, spread
from stampede.model.histogram import Histogram
from stampede.query.statistics.tries import Tries

#: PRE script, waiting in HTCondor's queue, moving data in, programs of the workflow, moving data out, jobs that only
#: keep house (directories, clean-up, registration), POST script, time in hold, and what evictions threw away
PhaseName = Literal["pre", "queue", "stage-in", "run", "stage-out", "housekeeping", "post", "held", "redone"]
_ORDER: Final = get_args(PhaseName)


class PhaseTime(msgspec.Struct, kw_only=True):
    """How much time went into a phase, and its share of all. ``spread`` is that of one try, in seconds; where the time
    is taken out of that of the run (transfers of PegasusLite, holds, evictions) there is none."""

    phase: PhaseName
    total_s: float
    share: float | None
    spread: Spread


def phases(tries: Iterable[Tries]) -> list[PhaseTime]:
    """The phases of all jobs but those that are workflows, in the order in which a job goes through them."""
    total = dict.fromkeys(_ORDER, 0.0)
    counted = dict.fromkeys(_ORDER, 0.0)
    bins = {name: Histogram({}) for name in _ORDER}

    def take(name: PhaseName, seconds: float, histogram: Histogram | None = None) -> None:
        total[name] += seconds
        if histogram is not None:
            counted[name] += seconds
            bins[name].add(histogram)

    for t in tries:
        if t.sub:
            continue
        take("pre", t.pre_s, t.pre)
        take("queue", t.queue_s, t.queue)
        take(_of_type(t.type_desc), t.run_s, t.run)
        moved = min(t.stage_in_s + t.stage_out_s, t.run_s)
        total[_of_type(t.type_desc)] -= moved
        take("stage-in", min(t.stage_in_s, moved))
        take("stage-out", moved - min(t.stage_in_s, moved))
        take("post", t.post_s, t.post)
        take("held", t.held_s)
        take("redone", t.redone_s)
    whole = sum(total.values())
    return [
        PhaseTime(phase=name, total_s=total[name], share=share(total[name], whole),
                  spread=spread(bins[name], counted[name]))
        for name in _ORDER
        if total[name] or bins[name].bins
    ]  # fmt: skip


_MOVING: Final[dict[str, PhaseName]] = {
    "stage-in-tx": "stage-in", "stage-out-tx": "stage-out", "inter-site-tx": "stage-in", "create-dir": "housekeeping",
    "cleanup": "housekeeping", "chmod": "housekeeping", "registration": "housekeeping",
}  # fmt: skip


def _of_type(type_desc: str) -> PhaseName:
    return _MOVING.get(type_desc, "run")
