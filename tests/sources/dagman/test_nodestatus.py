"""Node status files give the last state of every node."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede.sources.dagman.nodestatus import NodeState, NodeStatus, read_node_status

TEXT = """[
  Type = "DagStatus";
  DagFiles = {
    "x.dag",
    "y.dag"
  };
  Timestamp = 1795301534; /* "Sat Nov 21 22:52:14 2026" */
  DagStatus = 6; /* "STATUS_ERROR (failed)" */
  NodesTotal = 1;
  JobProcsIdle = 0; /* includes held */
]
[
  Type = "NodeStatus";
  Node = "held \\"x\\"";
  NodeStatus = 6; /* "STATUS_ERROR" */
  StatusDetails = "failed with status 1";
  RetryCount = 2;
  JobProcsQueued = 0;
  JobProcsHeld = 1;
]
[
  Type = "StatusEnd";
  EndTime = 1795301534; /* "Sat Nov 21 22:52:14 2026" */
  NextUpdate = 0; /* "none" */
]
"""


def status(tmp_path: Path, text: str | bytes) -> NodeStatus:
    path = tmp_path / "x.status"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_node_status(path)


def test_a_snapshot_is_read(tmp_path: Path) -> None:
    found = status(tmp_path, TEXT)
    assert found.problems == []
    assert (found.dag_files, found.ts, found.status, found.state) == (
        ["x.dag", "y.dag"],
        1795301534,
        6,
        "STATUS_ERROR (failed)",
    )
    assert found.counts == {"NodesTotal": 1, "JobProcsIdle": 0}
    assert found.nodes == {'held "x"': NodeState('held "x"', 6, "STATUS_ERROR", "failed with status 1", 2, 0, 1)}
    assert (found.complete, found.next_ts) == (True, 0)


@pytest.mark.parametrize("cut", [0, 5, 80, 300, 420])
def test_a_cut_snapshot_says_so(tmp_path: Path, cut: int) -> None:
    found = status(tmp_path, TEXT[:cut])
    assert not found.complete
    assert "incomplete" in [p.kind for p in found.problems]


@pytest.mark.parametrize("text", [b"\xff\0[\n]\n", b"[\n[\n]\n", b"]\n]\n", b"[\nDagFiles = {\n" + b"x\n" * 99])
def test_no_content_raises(tmp_path: Path, text: bytes) -> None:
    assert status(tmp_path, text).nodes == {}


def test_recorded_snapshots_hold_every_node(shared: Path) -> None:
    paths = list((shared / "corpus").glob("runs*/*/submit/**/*.dag.status"))
    assert len(paths) > 20
    for path in paths:
        found = read_node_status(path)
        assert found.problems == [], path
        assert len(found.nodes) == found.counts["NodesTotal"], path
