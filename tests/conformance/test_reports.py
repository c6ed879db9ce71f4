"""pegasus-statistics and pegasus-analyzer, run on our database, say what they say of the peer's."""

from __future__ import annotations

import pytest

from bench import peer as peer_tools

from . import reports
from .explained import explained_line
from .runs import Case

pytestmark = [pytest.mark.conformance, pytest.mark.shared]


def test_the_peers_reports_are_the_same_on_both_databases(case: Case, peer: peer_tools.Peer) -> None:
    ours = reports.of(peer, reports.place(case.ours, case.run, case.folder / "report-ours"))
    theirs = reports.of(peer, reports.place(case.theirs, case.run, case.folder / "report-theirs"))
    assert ours.keys() == theirs.keys()
    left = [
        f"{name}: {line}"
        for name in theirs
        for line in reports.differing_lines(ours[name], theirs[name])
        if explained_line(line[2:]) is None
    ]
    assert not left, "\n".join(left[:60])
