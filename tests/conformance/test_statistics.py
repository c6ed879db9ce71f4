"""``stampede stats`` on our database says what pegasus-statistics says of the peer's own, fact by fact.

Every number of its reports (summary, each workflow, breakdown, integrity, every try, day by day), except where
docs/reference/differences.md says why not.
"""

from __future__ import annotations

import pytest

from bench import peer as peer_tools

from . import peer_statistics, reports
from .explained_statistics import unexplained
from .runs import Case

pytestmark = [pytest.mark.conformance, pytest.mark.shared]


def test_our_statistics_are_those_of_the_peer(case: Case, peer: peer_tools.Peer) -> None:
    submit = reports.place(case.theirs, case.run, case.folder / "statistics-theirs")
    cost, files = peer_tools.statistics(peer, submit, form="csv")
    assert cost.code == 0, cost.err[-2000:]
    theirs, ours = peer_statistics.theirs(files), peer_statistics.ours(case.ours)
    assert len(theirs) > 100
    left = unexplained(theirs, ours, in_progress=case.in_progress)
    assert not left, f"{len(left)} of {len(theirs)} facts differ:\n" + "\n".join(left[:40])
