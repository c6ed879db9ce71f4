"""A forest in one struct: the root's own state, and sums over all of it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stampede import pipeline
from stampede.errors import UnknownWorkflowError
from stampede.query import open_database
from stampede.query.status import Nodes, status
from stampede.query.workflows import find
from stampede.watching.whole import Whole, whole


@contextmanager
def answered(folder: Path, database: Path) -> Iterator[Whole]:
    pipeline.load([folder], f"sqlite:///{database}")
    with open_database(f"sqlite:///{database}") as reader:
        yield whole(reader, find(reader, None)[0].wf_uuid)


@pytest.mark.parametrize("name", ["dm_c_rescue", "dm_e_subdag", "dm_g_hold", "pg_fail"])
def test_numbers_are_sums_of_what_status_says_of_each(name: str, corpus: Path, tmp_path: Path) -> None:
    with answered(corpus / name, tmp_path / "x.db") as found, open_database(f"sqlite:///{tmp_path}/x.db") as reader:
        root = find(reader, None)[0]
        all_ = status(reader, root)
        assert found.root == all_[0]
        for field in Nodes.__struct_fields__:
            assert getattr(found.nodes, field) == sum(getattr(s.nodes, field) for s in all_), field
        for word in ("running", "idle", "held"):
            assert getattr(found, word) == sum(getattr(s, word) for s in all_)
        assert found.workflows == len(all_)
        assert found.last_ts == max(s.last_ts or 0 for s in all_)
        assert found.ended
        assert found.percent_done == pytest.approx(100 * found.nodes.done / found.nodes.total)


def test_of_a_run_that_succeeded_there_is_no_bad_news(corpus: Path, tmp_path: Path) -> None:
    with answered(corpus / "dm_c_rescue", tmp_path / "x.db") as found:
        assert (found.root.state, found.bad_news) == ("success", None)


def test_a_failed_job_is_named_with_how_it_failed(corpus: Path, tmp_path: Path) -> None:
    with answered(corpus / "pg_fail", tmp_path / "x.db") as found:
        assert found.bad_news is not None
        assert found.bad_news.startswith("findrange_ID0000003: ")


def test_a_job_that_is_held_now_comes_with_its_reason(corpus: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(corpus / "dm_g_hold", tmp_path / "run"))
    log = run / "dm_g_hold.dag.dagman.out"
    data = log.read_bytes()
    log.write_bytes(data[: data.index(b"ULOG_JOB_RELEASED")])
    for late in (".dagman.log", ".metrics"):
        (run / f"dm_g_hold.dag{late}").unlink()
    with answered(run, tmp_path / "x.db") as found:
        assert (found.root.state, found.ended) == ("running", False)
        assert found.held > 0
        assert (found.bad_news or "").startswith("held: ")


@pytest.mark.parametrize(("state", "ended"), [("lost", False), ("removed", True)])
def test_an_engine_that_is_gone_says_why(state: str, ended: bool, corpus: Path, tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    pipeline.load([corpus / "pg_fail"], f"sqlite:///{database}")
    connection = sqlite3.connect(database)
    connection.execute("UPDATE workflow SET state = ?, state_reason = 'because'", (state,))
    connection.commit()
    connection.close()
    with open_database(f"sqlite:///{database}") as reader:
        found = whole(reader, find(reader, None)[0].wf_uuid)
        assert found.bad_news == "because"


def test_a_sub_workflows_trouble_is_news_of_the_whole(corpus: Path, tmp_path: Path) -> None:
    """The root has nothing to complain of, but something below it has."""
    run = Path(shutil.copytree(corpus / "dm_e_subdag", tmp_path / "run"))
    database = tmp_path / "x.db"
    pipeline.load([run], f"sqlite:///{database}")
    connection = sqlite3.connect(database)
    connection.execute("UPDATE workflow SET state = 'lost', state_reason = 'gone' WHERE dag_file_name = 'deepest.dag'")
    connection.commit()
    connection.close()
    with open_database(f"sqlite:///{database}") as reader:
        (root,) = [w for w in find(reader, None) if w.parent_wf_uuid is None]
        found = whole(reader, root.wf_uuid)
        assert (found.workflows, found.root.state) == (5, "success")
        assert found.bad_news == "gone"


def test_a_workflow_that_is_not_there_is_an_error(corpus: Path, tmp_path: Path) -> None:
    pipeline.load([corpus / "dm_c_rescue"], f"sqlite:///{tmp_path}/x.db")
    with open_database(f"sqlite:///{tmp_path}/x.db") as reader, pytest.raises(UnknownWorkflowError):
        whole(reader, "00000000-0000-4000-8000-000000000000")
