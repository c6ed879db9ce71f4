"""Where to run: sites and machines ranked by how surely and how soon jobs of a transformation end well there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import sqrt
from statistics import median

import msgspec

from stampede.analysis.forecast import Experience, Try, gathered
from stampede.analysis.forecast.suspects import explain
from stampede.query.ended import EndedTry

#: normal quantile of a two-sided interval of 90 %
_Z = 1.645
#: tries that the rate of the transformation is worth in the rate of a place
RATE_WORTH = 4.0


class PlaceRank(msgspec.Struct, frozen=True, kw_only=True):
    """A site or a machine: ``tries`` ended there, ``failed`` of them.

    ``success_rate`` leans on that of the transformation while tries are few; ``low`` and ``high`` bound the rate seen
    there with 90 % (Wilson's interval). ``queue_s`` and ``runtime_s`` are medians, ``expected_s`` is the time from the
    first submission to a success, with the tries that fail before it; None where nothing tells. ``avoid``: probably
    broken, with the natural logarithm of the Bayes factor.
    """

    name: str
    tries: int
    failed: int
    success_rate: float
    low: float
    high: float
    queue_s: float | None
    runtime_s: float | None
    expected_s: float | None
    avoid: bool
    log_bayes: float | None


class SiteAdvice(msgspec.Struct, frozen=True, kw_only=True):
    """The ranking for a transformation, best first; what is to be avoided stands last and in ``avoid``."""

    transformation: str
    tries: int
    failed: int
    sites: list[PlaceRank]
    hosts: list[PlaceRank]
    avoid: list[str]


def site_advice(transformation: str, tries: Sequence[EndedTry], experience: Experience, label: str) -> SiteAdvice:
    """Ranks the places where tries of a transformation ended.

    The name may go without its namespace and version. ``tries`` may hold those of others: a machine on which all fails
    is known sooner by them.
    """
    evidence = gathered(
        Try(t.path, t.transformation, t.machine, t.site, t.execute_ts, t.ended_ts, t.failed) for t in tries
    )
    found = explain(evidence, experience.lessons(label))
    broken = {s.name: s.log_bayes for of in (found.hosts, found.sites) for s in of.values()
              if s.convincing}  # fmt: skip
    own = [t for t in tries if transformation in (t.transformation, bare_name(t.transformation))]
    rate = (sum(not t.failed for t in own) + 1.0) / (len(own) + 2.0)
    sites = _ranked(own, lambda t: t.site, rate, broken)
    hosts = _ranked(own, lambda t: t.machine, rate, broken)
    return SiteAdvice(
        transformation=transformation, tries=len(own), failed=sum(t.failed for t in own), sites=sites, hosts=hosts,
        avoid=sorted(p.name for p in (*sites, *hosts) if p.avoid),
    )  # fmt: skip


def bare_name(transformation: str) -> str:
    """The name of a transformation without namespace and version (Pegasus writes ``namespace::name:version``)."""
    return transformation.rpartition("::")[2].partition(":")[0]


def _ranked(
    tries: Iterable[EndedTry], place: Callable[[EndedTry], str | None], rate: float, broken: dict[str, float]
) -> list[PlaceRank]:
    by_place: dict[str, list[EndedTry]] = defaultdict(list)
    for t in tries:
        name = place(t)
        if name:
            by_place[name].append(t)
    ranks = [_rank(name, of, rate, broken.get(name)) for name, of in by_place.items()]
    return sorted(ranks, key=lambda p: (
        p.avoid, p.expected_s is None, p.expected_s if p.expected_s is not None else 0.0, -p.success_rate, p.name
    ))  # fmt: skip


def _rank(name: str, tries: list[EndedTry], rate: float, log_bayes: float | None) -> PlaceRank:
    n, failed = len(tries), sum(t.failed for t in tries)
    success = (n - failed + RATE_WORTH * rate) / (n + RATE_WORTH)
    low, high = _wilson(n - failed, n)
    queue = _median([t.queue_s for t in tries])
    runtime = _median([t.runtime_s for t in tries if not t.failed])
    wasted = _median([t.runtime_s for t in tries if t.failed]) or 0.0
    expected = None
    if runtime is not None:
        again = (1.0 - success) / success  # failed tries before the first success, on the average
        expected = (queue or 0.0) + runtime + again * ((queue or 0.0) + wasted)
    return PlaceRank(
        name=name, tries=n, failed=failed, success_rate=success, low=low, high=high, queue_s=queue, runtime_s=runtime,
        expected_s=expected, avoid=log_bayes is not None, log_bayes=log_bayes,
    )  # fmt: skip


def _median(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return median(known) if known else None


def _wilson(successes: int, n: int) -> tuple[float, float]:
    """Wilson's score interval of a rate."""
    rate, z2 = successes / n, _Z * _Z
    middle = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * sqrt(rate * (1 - rate) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
