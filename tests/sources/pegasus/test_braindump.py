"""The planner's braindump, new and old."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.sources.pegasus.braindump import Braindump, read_braindump

YML = """\
user: "wf"
grid_dn: null
wf_uuid: "78a3ab3b-e57e-4a08-a241-818fd7c6292b"
dax_index: 0
timestamp: "20230305T091006-0800"
planner_arguments: "\\"--conf a --dir b \\""
uses_pmc: "false"
new_key: "kept"
"""

TXT = """\
wf_uuid 6dd488de
label black diamond
pegasus_wf_time 20120828T100214-0700
pegasus_version 4.2.0
run /home/wf/run
uses_pmc true
jsd jobstate.log
"""


def read(folder: Path, name: str, content: str | bytes) -> Braindump:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = read_braindump(path)
    assert found is not None
    return found


def test_of_pegasus_5(tmp_path: Path) -> None:
    found = read(tmp_path, "braindump.yml", YML)
    assert (found.user, found.grid_dn, found.dax_index) == ("wf", None, "0")
    assert found.planned_at == 1678036206.0
    assert found.utc_offset_s == -8 * 3600
    assert found.planner_arguments == "--conf a --dir b "
    assert found.uses_pmc is False
    assert found.extra == {"new_key": "kept"}
    assert found.problems == []


def test_of_pegasus_4_with_older_names(tmp_path: Path) -> None:
    found = read(tmp_path, "braindump.txt", TXT)
    assert (found.wf_uuid, found.dax_label, found.planner_version) == ("6dd488de", "black diamond", "4.2.0")
    assert (found.basedir, found.jsd, found.uses_pmc) == ("/home/wf/run", "jobstate.log", True)
    assert found.planned_at == 1346173334.0


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_braindump(tmp_path / "braindump.yml") is None
    assert read_braindump(tmp_path) is None


def test_broken_yaml_is_read_line_by_line_with_a_problem(tmp_path: Path) -> None:
    found = read(tmp_path, "braindump.yml", YML + "app: [unclosed\n\x00: *x\n")
    assert found.wf_uuid == "78a3ab3b-e57e-4a08-a241-818fd7c6292b"
    assert found.planner_arguments == "--conf a --dir b "
    assert [problem.kind for problem in found.problems] == ["braindump"]


def test_an_empty_file_is_a_problem(tmp_path: Path) -> None:
    assert [problem.kind for problem in read(tmp_path, "braindump.yml", "").problems] == ["braindump"]


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    found = read(tmp_path, "braindump.txt", b"wf_uuid abcd\n" + b"#" * (2 << 20))
    assert found.wf_uuid == "abcd"
    assert len(found.problems) == 1


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=120), st.sampled_from(["braindump.yml", "braindump.txt"]))
def test_any_bytes_are_read(tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
    read(tmp_path_factory.mktemp("b"), name, data)


@pytest.mark.shared
def test_recorded_ones(shared: Path) -> None:
    paths = sorted((shared / "corpus").rglob("braindump.yml"))
    assert len(paths) > 20
    for path in paths:
        found = read_braindump(path)
        assert found is not None
        assert found.problems == []
        assert found.extra == {}
        assert len(found.wf_uuid or "") == 36
        assert found.planned_at
        assert not found.uses_pmc
