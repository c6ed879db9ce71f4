"""A job is slow only against its peers."""

from __future__ import annotations

from typing import Any

import pytest

from stampede.analysis.pace import pace_findings

from .samples import evidence, running


def labels(job: Any) -> list[tuple[str, bool]]:
    return [(f.label, f.resolved) for f in pace_findings(evidence(running=[job]))]


def test_a_job_that_runs_far_longer_than_its_peers_hangs() -> None:
    assert labels(running(130)) == [("hang", False)]
    assert labels(running(130, removed=True)) == [("hang", False)]


def test_a_job_that_ended_far_later_than_its_peers_is_a_straggler() -> None:
    slow = running(90, outcome="success", peers=11, longest_peer_s=90.0, mean_peer_s=(90 + 10 * 3) / 11)
    assert labels(slow) == [("straggler", True)]


def test_the_message_names_the_peers() -> None:
    slow = running(90, outcome="success", peers=11, longest_peer_s=90.0, mean_peer_s=(90 + 10 * 3) / 11)
    (one,) = pace_findings(evidence(running=[slow]))
    assert one.message == "It ran 90 s; the 10 others of its kind took 3 s on average. It ran on slot1_1@node7."


@pytest.mark.parametrize(
    "job",
    [
        running(60),
        running(250, longest_peer_s=30.0),
        running(3000, type_desc="stage-in-tx"),
        running(290, peers=0, longest_peer_s=None, longest_any_s=10.0),
        running(9000, peers=0, longest_peer_s=None, longest_any_s=None),
        running(90, outcome="success", peers=3, longest_peer_s=90.0, mean_peer_s=32.0),
        running(40, outcome="success", peers=11, longest_peer_s=40.0, mean_peer_s=6.0),
        running(90, outcome="success", peers=11, longest_peer_s=120.0, mean_peer_s=20.0),
    ],
)
def test_an_ordinary_duration_is_no_cause(job: Any) -> None:
    assert labels(job) == []


def test_a_kind_that_never_ended_is_held_against_all_others() -> None:
    assert labels(running(400, peers=0, longest_peer_s=None, longest_any_s=10.0)) == [("hang", False)]
