"""Which workflow somebody means, and lists of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stampede import pipeline
from stampede.errors import UnknownWorkflowError, UsageError
from stampede.query import Reader, open_database
from stampede.query.workflows import find, forest, list_workflows, paths

Read = Callable[[str], Reader]


def test_found_by_folder_dag_log_uuid_and_label(read: Read, corpus: Path) -> None:
    reader = read("dm_c_rescue")
    wanted = find(reader, None)[0].wf_uuid
    folder = corpus / "dm_c_rescue"
    names = [
        folder,
        folder / "dm_c_rescue.dag",
        folder / "dm_c_rescue.dag.dagman.out",
        wanted,
        wanted[:5],
        wanted.upper(),
    ]
    for name in [*names, "dm_c_rescue"]:
        assert [w.wf_uuid for w in find(reader, str(name))] == [wanted], name


def test_a_sub_workflow_is_found_by_its_uuid(read: Read) -> None:
    reader = read("dm_e_subdag")
    below = forest(reader, find(reader, None)[0])[-1]
    assert find(reader, below.wf_uuid)[0] == below


def test_a_label_means_its_latest_run(corpus: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    pipeline.load([corpus / "dm_g_hold"], url)
    pipeline.load([corpus / "dm_c_rescue"], url)
    with open_database(url) as reader:
        assert find(reader, "dm_g_hold")[0].label == "dm_g_hold"
        newest = max(list_workflows(reader), key=lambda w: w.first_ts or 0)
        assert find(reader, None)[0] == newest


@given(name=st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_other_name_is_unknown_never_a_crash(read: Read, name: str) -> None:
    try:
        assert find(read("pg_fail"), name)
    except UnknownWorkflowError as e:
        said = str(e)
    else:
        said = "failing"
    assert "failing" in said


def test_paths_name_nested_sub_workflows(read: Read) -> None:
    reader = read("dm_e_subdag")
    workflows = forest(reader, find(reader, None)[0])
    found = paths(workflows)
    assert found[workflows[0].wf_id] == ""
    assert max(p.count("/") for p in found.values()) == 2
    assert all(p.endswith("/") for p in found.values() if p)


def test_lists_sort_and_filter(read: Read) -> None:
    reader = read("dm_e_subdag")
    everything = list_workflows(reader, sub=True, sort="label", descending=False)
    assert [w.label for w in everything] == sorted(w.label or "" for w in everything)
    assert len(list_workflows(reader)) == 1
    assert list_workflows(reader, sub=True, label="inner_*", state="success")
    assert list_workflows(reader, user="nobody-of-that-name") == []
    with pytest.raises(UsageError, match="cannot be sorted"):
        list_workflows(reader, sort="w.wf_id; DROP TABLE workflow")
