"""Workflows answer as the verbs do; lists are read when they are used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import stampede
from stampede import pipeline
from stampede.api import Listing, Session
from stampede.errors import FilterError, UnknownWorkflowError, UsageError
from stampede.places import url_of
from stampede.query.collections import COLLECTIONS


def test_questions_are_answered(failing: Session) -> None:
    wf = failing.workflow()
    assert wf.facts().label == "failing"
    (status,) = wf.status()
    assert (status.state, status.nodes.done, status.nodes.failed) == ("failed", 6, 1)
    assert wf.triage().causes[0].nodes == ["findrange_ID0000003"]
    assert wf.progress() is None
    assert wf.forecast().doomed
    assert wf.job("findrange_ID0000003").attempts == 2
    assert {p.path for p in wf.trace("f.b2").processes} >= {"preprocess_ID0000001"}
    assert wf.statistics().jobs.failed == 1
    assert wf.statistics(by="hour").periods != []
    with pytest.raises(UnknownWorkflowError, match="No earlier run"):
        wf.compare()
    assert wf.compare(wf).changes == []
    with pytest.raises(UsageError, match="no job"):
        wf.job("none")


def test_answers_of_a_time_are_those_of_then(failing: Session) -> None:
    wf = failing.workflow(as_of=1795295640)
    assert wf.status()[0].state == "running"
    assert wf.jobs("state=failed").first() is None
    assert {j.state for j in wf.jobs()} <= {"done", "queued", "unready", "ready"}
    assert wf.at(None).jobs("state=failed").first() is not None
    with pytest.raises(UnknownWorkflowError, match="had not begun"):
        wf.at(5.0).facts()


def test_lists_are_lazy_and_can_be_read_again(failing: Session) -> None:
    listing = failing.workflow().jobs("state=done", sort="-duration_s", fields="name,duration_s")
    assert repr(listing) == "<jobs: filter 'state=done', sort '-duration_s'>"
    assert listing.columns == ["name", "duration_s"]
    once, again = list(listing), list(listing)
    assert once == again == listing.to_dicts()
    assert listing.count().value == 6
    page = listing.page(limit=4)
    assert page.next is not None
    assert page.items + listing.page(after=page.next).items == once
    with pytest.raises(FilterError, match="Did you mean state"):
        failing.workflow().jobs("stat=done")


@pytest.mark.parametrize("name", COLLECTIONS)
def test_every_collection_is_a_method(failing: Session, name: str) -> None:
    listing = getattr(failing.workflow(), name)()
    assert isinstance(listing, Listing)
    assert listing.count().value == len(list(listing))


def test_lists_hold_all_below_unless_told_otherwise(forest: Session) -> None:
    wf = forest.workflow()
    assert wf.workflows().count().value == 5
    assert wf.jobs().count().value == 15
    own = list(wf.jobs(below=False))
    assert {j.wf_uuid for j in own} == {wf.wf_uuid}
    deep = [j.path for j in wf.jobs() if j.path.count("/") == 2]
    assert deep, "paths name the workflows in which a job lies"
    for path in deep:
        assert wf.job(path).path == path


def test_the_output_of_a_try_is_a_stream(tmp_path: Path, corpus: Path) -> None:
    url = url_of(tmp_path / "db.sqlite")
    pipeline.load([corpus / "dm_g_hold"], url)
    with stampede.open(url) as session:
        wf = session.workflow()
        job = next(t.job for t in wf.job_instances("outcome=success") if t.stdout_file)
        with wf.output(job) as stream:
            assert stream.read() == Path(wf.job(job).tries[-1].files["stdout"]).read_bytes()
        for attempt in (0, 99, -99):
            with pytest.raises(UsageError, match="is the first"):
                wf.output(job, attempt)
        with pytest.raises(UsageError, match="stdout or stderr"):
            wf.output(job, 1, "../../etc/passwd")  # type: ignore[arg-type]


def test_output_that_lies_elsewhere_is_not_read(tmp_path: Path, corpus: Path) -> None:
    """Neither by an absolute name, nor by dots, nor through a link."""
    import shutil
    import sqlite3

    run = tmp_path / "run"
    shutil.copytree(corpus / "dm_g_hold", run)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (run / "link").symlink_to(secret)
    url = url_of(tmp_path / "db.sqlite")
    pipeline.load([run], url)
    for name in (str(secret), "../secret", "link", str(run / ".." / "secret")):
        with sqlite3.connect(tmp_path / "db.sqlite") as connection:
            connection.execute("UPDATE job_instance SET stdout_file = ?", (name,))
        connection.close()
        with stampede.open(url) as session:
            wf = session.workflow()
            first = wf.job_instances().first()
            assert first is not None
            with pytest.raises(UsageError, match="outside"):
                wf.output(first.job)


def test_tables_of_arrow_and_pandas(failing: Session) -> None:
    pa = pytest.importorskip("pyarrow")
    listing = failing.workflow().jobs(sort="-duration_s")
    table = listing.to_arrow()
    assert table.num_rows == 14
    assert table.schema.field("end_ts").type == pa.timestamp("us", tz="UTC")
    assert table.column("exit_code").to_pylist().count(3) == 1
    rows: list[dict[str, Any]] = listing.to_dicts()
    assert [r["name"] for r in rows] == table.column("name").to_pylist()
    ends = [None if v is None else v.timestamp() for v in table.column("end_ts").to_pylist()]
    assert [r["end_ts"] for r in rows] == ends
    for name in COLLECTIONS:
        made = getattr(failing.workflow(), name)().to_arrow()
        assert made.num_rows == getattr(failing.workflow(), name)().count().value
    pytest.importorskip("pandas")
    assert listing.to_pandas()["duration_s"].max() == max(r["duration_s"] or 0 for r in rows)


def test_a_missing_library_is_named(failing: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match="need pyarrow"):
        failing.jobs().to_arrow()
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="need pandas"):
        failing.jobs().to_pandas()
