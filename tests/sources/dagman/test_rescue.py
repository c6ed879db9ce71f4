"""Rescue files of both versions tell what was done and what failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede.sources.dagman.rescue import Rescue, read_rescue

OLD = """# Rescue DAG file, created after running
#   the x y.dag DAG file
# Created 11/21/2026 21:05:27 UTC
# Rescue DAG version: 2.0.1 (partial)
#
# Total number of Nodes: 6
# Nodes premarked DONE: 2
# Nodes that failed: 2
#   calib2,other,<ENDLIST>

DONE fetch
DONE calib1
RETRY calib2 1
"""


def rescue(tmp_path: Path, text: str | bytes, name: str = "x.dag.rescue007") -> Rescue:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_rescue(path)


def test_the_header_and_the_marks_are_read(tmp_path: Path) -> None:
    found = rescue(tmp_path, OLD)
    assert found.problems == []
    assert (found.number, found.dag, found.created) == (7, "x y.dag", "11/21/2026 21:05:27 UTC")
    assert (found.version, found.partial, found.is_dag) == ("2.0.1", True, False)
    assert (found.total, found.premarked, found.failed_count) == (6, 2, 2)
    assert (found.failed, found.done, found.retries) == (["calib2", "other"], ["fetch", "calib1"], {"calib2": 1})


def test_the_newer_version_has_no_retries(tmp_path: Path) -> None:
    text = OLD.replace("2.0.1 (partial)", "2.1.0").replace("RETRY calib2 1\n", "")
    found = rescue(tmp_path, text, "my_own.rescue")
    assert (found.version, found.partial, found.retries, found.number) == ("2.1.0", True, {}, None)


def test_a_full_rescue_dag_is_told_from_a_partial_one(tmp_path: Path) -> None:
    found = rescue(tmp_path, OLD.replace("2.0.1 (partial)", "2.0.0") + "JOB a a.sub DONE\n")
    assert (found.partial, found.is_dag) == (False, True)


def test_a_list_of_failures_over_several_lines_is_whole(tmp_path: Path) -> None:
    text = OLD.replace("#   calib2,other,<ENDLIST>", "#   calib2,\n#   other,<ENDLIST>")
    assert rescue(tmp_path, text).failed == ["calib2", "other"]


def test_a_cut_file_is_told(tmp_path: Path) -> None:
    found = rescue(tmp_path, OLD[: OLD.index("DONE calib1")])
    assert [p.kind for p in found.problems] == ["count-mismatch"]


@pytest.mark.parametrize(
    "text", [b"", b"\xff\0\n", b"RETRY a x\nDONE\n", b"# Nodes that failed: many\n#", b"#" * 1_000_000]
)
def test_no_content_raises(tmp_path: Path, text: bytes) -> None:
    assert rescue(tmp_path, text).done == []


def test_recorded_rescue_files_agree_with_their_own_counts(shared: Path) -> None:
    paths = list((shared / "corpus").glob("runs*/*/submit/**/*.rescue00?"))
    assert len(paths) > 20
    for path in paths:
        found = read_rescue(path)
        assert found.problems == [], path
        assert found.version in ("2.0.1", "2.1.0")
        assert found.total is not None
        assert found.total >= len(found.done) + len(found.failed)
