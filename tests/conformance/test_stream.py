"""The events we make of a submit directory are those that the peer's daemon sent while the workflow ran."""

from __future__ import annotations

import gzip

import pytest

from bench import peer as peer_tools

from . import stream
from .explained import explained_event
from .runs import Case, stampede

pytestmark = [pytest.mark.conformance, pytest.mark.shared]


def their_events(case: Case, peer: peer_tools.Peer) -> list[str]:
    if not case.in_progress:
        return gzip.decompress((case.run / "events.bp.gz").read_bytes()).decode(errors="replace").splitlines()
    # a stream copied during the run ends before the logs beside it do
    copy = peer_tools.copy_submit(case.run / "submit", case.folder / "replayed-events", monitor_files=False)
    target = case.folder / "theirs.bp"
    peer_tools.monitord_replay(peer, copy, target, encoding="bp")
    return target.read_text(errors="replace").splitlines()


def test_every_event_that_one_side_alone_sends_is_explained(case: Case, peer: peer_tools.Peer) -> None:
    done = stampede("events", case.submit, "--format", "bp", "--dialect", "pegasus")
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    ours = stream.identities(done.stdout.decode().splitlines())
    theirs = stream.identities(their_events(case, peer))
    left = [
        f"{count} only {side}: {event}"
        for side, event, count in stream.difference(ours, theirs)
        if explained_event(event[0], side) is None
    ]
    assert not left, f"{len(left)} kinds:\n" + "\n".join(left[:60])
