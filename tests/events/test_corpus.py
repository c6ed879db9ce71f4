"""Recorded streams: each is read completely, and its faults are the known ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede.events import open_stream
from stampede.events.catalogue import Problem

pytestmark = pytest.mark.shared

#: What the senders of the recorded streams get wrong.
KNOWN = {
    ("stampede.job_inst.main.end", "stdin.file"),  # sent as stdin_file
    ("stampede.job_inst.main.end", "stdout.file"),  # empty
    ("stampede.job_inst.main.end", "stderr.file"),
    ("stampede.job_inst.main.start", "stdout.file"),
    ("stampede.job_inst.main.start", "stderr.file"),
    ("stampede.static.start", "xwf.id"),
    ("stampede.static.end", "xwf.id"),
}


@pytest.mark.parametrize("pattern", ["runs*/*/events.bp.gz", "runs*/*/events.json.gz", "runs*/*/submit/*.static.bp",
                                     "third-party/bp/*.bp", "engines/*/*.bp"])  # fmt: skip
def test_recorded_streams_are_read_completely(shared: Path, pattern: str) -> None:
    paths = sorted((shared / "corpus").glob(pattern))
    assert paths
    seen = set()
    for path in paths:
        with open_stream(path) as reader:
            events = [event for batch, _ in reader for event in batch]
        assert not [event for event in events if isinstance(event, Problem)], path
        assert events, path
        assert all(event.xwf_id for event in events), path
        assert reader.dialect == "current"
        seen |= {(fault.event, fault.attribute) for fault in reader.faults}
    assert seen <= KNOWN


def test_bp_and_json_of_a_run_tell_the_same(shared: Path) -> None:
    """The peer inserts the time of writing where an event has none, and rounds; all else is equal."""
    folder = shared / "corpus/runs/pg_diamond_condorio"
    streams = []
    for name in ("events.bp.gz", "events.json.gz"):
        with open_stream(folder / name) as reader:
            streams.append([event for batch, _ in reader for event in batch])
    assert len(streams[0]) == len(streams[1])
    for one, other in zip(*streams, strict=True):
        if one.NAME == "stampede.job_inst.composite":
            continue
        for field in ("avg_cpu", "remote_cpu_time", "duration", "dur"):
            if getattr(other, field, None) is not None:
                assert getattr(one, field) == pytest.approx(getattr(other, field), abs=1e-6)
                setattr(one, field, getattr(other, field))
        for event in (one, other):
            event.extra = event.level = None
        if one.NAME in ("stampede.static.start", "stampede.static.end"):
            one.ts = None
        assert one == other
