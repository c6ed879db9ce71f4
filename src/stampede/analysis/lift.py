"""Whether failures gather somewhere: on a machine, at a site, in a transformation, more than chance would have it.

The measure is Fisher's exact test, one-sided: would so many of the failed jobs be there if they were drawn from all
tries? It is corrected for the number of places (Bonferroni), since the worst of many looks bad by chance. Tries of one
job are no independent draws, so that jobs are counted, not tries.
"""

from __future__ import annotations

import msgspec

from stampede.analysis.chance import at_least
from stampede.query.spread import Spread

#: error probability, corrected, up to which a place is named
P_MOST = 0.01
#: share of the failures that must be there, and how many times its share of all tries that must be
_SHARE_LEAST = 0.5
_TIMES_LEAST = 2.0
#: share of a place's failures that a place named before must have for it to be passed over
_SAME = 0.9
#: failed jobs from which on a pattern can be spoken of
_JOBS_LEAST = 3


class Lift(msgspec.Struct, kw_only=True):
    """A place with more than its share: ``tries`` of the ``of`` failed tries whose place is known.

    ``kind``: host, site or transformation. ``base_share``: the part of all tries (0 to 1) that are there, however they
    ended. ``p``: how likely that is by chance.
    """

    kind: str
    name: str
    tries: int
    of: int
    base_share: float
    p: float


def lifts(counts: dict[str, dict[str, int]], jobs: int, base: Spread) -> list[Lift]:
    """The most striking place of each kind, where one is significant, machines first.

    ``counts``: failed tries by kind and name; ``jobs``: how many jobs they are of.
    """
    everywhere = {"host": base.hosts, "site": base.sites, "transformation": base.transformations}
    found: list[Lift] = []
    for kind, names in counts.items():
        best = max(
            (lift for name in names if (lift := _lift(kind, name, names, jobs, everywhere[kind])) is not None),
            key=lambda lift: (-lift.p, lift.tries, lift.name), default=None,
        )  # fmt: skip
        # a site, or a transformation, of which only the one bad machine is to blame says nothing more
        if best is not None and not any(_SAME * best.tries <= known.tries for known in found):
            found.append(best)
    return found


def _lift(kind: str, name: str, names: dict[str, int], jobs: int, everywhere: dict[str, int]) -> Lift | None:
    tries, of = names[name], sum(names.values())
    there, total = everywhere.get(name, 0), sum(everywhere.values())
    if len(everywhere) < 2 or not there or tries < _SHARE_LEAST * of:
        return None
    share = there / total
    if tries / of < _TIMES_LEAST * share:
        return None
    drawn = min(jobs, of)
    hit = round(tries * drawn / of)
    if hit < _JOBS_LEAST:
        return None
    p = min(1.0, tail(hit, drawn, there, total) * len(everywhere))
    if p > P_MOST:
        return None
    return Lift(kind=kind, name=name, tries=tries, of=of, base_share=round(share, 6), p=p)


def tail(hit: int, drawn: int, marked: int, total: int) -> float:
    """The probability that at least ``hit`` of ``drawn`` are among ``marked`` of ``total``: hypergeometric.

    The failed ones are put beside the total, of which they may or may not be a part (a sample has few of them): that
    makes the test a little more careful.
    """
    return at_least(hit, drawn, marked + hit, total + drawn)
