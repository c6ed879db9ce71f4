"""What workflows add up to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from stampede.analysis.statistics.report import Statistics, Sums, statistics
from stampede.query import Reader
from stampede.query.statistics.integrity import checks_of
from stampede.query.statistics.invocations import invocations_of
from stampede.query.statistics.scope import Scope, scope
from stampede.query.statistics.times import machines_of, spans_of
from stampede.query.statistics.tries import tries_of
from stampede.query.statistics.workflows import counts_of
from stampede.query.workflows import Workflow

#: sections for which something is summed up
SECTIONS: Final = frozenset({"summary", "transformations", "phases", "efficiency", "hosts", "time", "integrity"})
_LENGTH_S: Final = {"hour": 3600.0, "day": 86_400.0}


def sums_of(one: Scope, sections: frozenset[str], *, each: bool = False, by_host: bool = False) -> Sums:
    """The sums that some sections take; with ``each`` those of every workflow apart, ``by_host`` times of each machine.

    Raises DatabaseError.
    """
    return Sums(
        missing=one.missing,
        counts=counts_of(one),
        tries=tries_of(one, each=each) if sections & {"summary", "phases", "efficiency"} else [],
        invocations=invocations_of(one, each=each) if sections & {"summary", "transformations"} else [],
        spans=spans_of(one, each=each, by_host=by_host) if "time" in sections else [],
        machines=machines_of(one, each=each) if "hosts" in sections else [],
        checks=checks_of(one, each=each) if sections & {"summary", "integrity"} else [],
    )


def statistics_of(
    reader: Reader, root: Workflow, *, sections: frozenset[str] = SECTIONS, by: Literal["day", "hour"] = "day"
) -> Statistics:
    """The statistics of a workflow and all below it; days and hours are those of UTC."""
    with scope(reader, [root]) as one:
        return statistics(sums_of(one, sections), _start_of(_LENGTH_S[by]))


def _start_of(length_s: float) -> Callable[[float], float]:
    return lambda ts: ts - ts % length_s
