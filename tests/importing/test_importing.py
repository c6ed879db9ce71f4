"""Databases of Pegasus, imported: they answer as they do in place, whatever came between."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import stampede
from stampede import pipeline
from stampede.errors import InputError
from stampede.importing import Imported, databases, import_database, parts
from stampede.retention import retain
from tests.conftest import shared_folder
from tests.query.foreign.theirs import master, pegasus_3

from .comparing import answers, differences
from .conftest import unpacked


def imported(source: Path | str, url: str) -> list[Imported]:
    """Import all that a source means."""
    return [import_database(found, url) for found in databases(str(source))[0]]


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of a database of ours, but of when it was made and who may write."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        left_out = ("stampede_meta", "dbversion", "lease", "sqlite_stat1", "sqlite_stat4")
        return {t: connection.execute(f'SELECT * FROM "{t}"').fetchall() for t in tables if t not in left_out}


def every_database() -> list[Path]:
    """Those beside the checkout, of ten years."""
    shared = shared_folder()
    if shared is None:
        return []
    top = shared / "corpus"
    found = [*top.glob("third-party/databases/*.db"), *top.glob("third-party/submit-dirs/*/*.stampede.db")]
    recorded = sorted(top.glob("runs*/*/peer/*.stampede.db.gz"))
    # three recordings of one and the same workflow are told by the first
    return sorted(found) + [p for p in recorded if p.parent.parent.name not in ("pg_series_2", "pg_series_3")]


@pytest.mark.shared
@pytest.mark.parametrize("packed", every_database(), ids=lambda p: f"{p.parent.parent.name}-{p.name}")
def test_every_database_of_ten_years_answers_imported_as_in_place(packed: Path, tmp_path: Path) -> None:
    path = unpacked(packed, tmp_path)
    before = hashlib.sha256(path.read_bytes()).digest()
    url = f"sqlite:///{tmp_path}/ours.sqlite"
    (done,) = imported(path, url)
    assert done.workflows
    assert not done.problems
    assert differences(answers(f"sqlite:///{path}"), answers(url)) == []
    assert hashlib.sha256(path.read_bytes()).digest() == before


def test_a_database_of_pegasus_5_answers_imported_as_in_place(failing: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ours.sqlite"
    (done,) = imported(failing, url)
    assert (done.events, done.known_events, len(done.workflows)) == (164, 0, 1)
    assert differences(answers(f"sqlite:///{failing}"), answers(url)) == []


def test_a_database_of_pegasus_3_answers_imported_as_in_place(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ours.sqlite"
    theirs = pegasus_3(tmp_path / "old.stampede.db")
    imported(theirs, url)
    assert differences(answers(theirs), answers(url)) == []
    with stampede.open(url) as session:
        assert [(f.name, f.use) for f in session.workflow().task_files()] == [("f.a", "input"), ("f.b", "output")]


def test_a_second_import_changes_no_row(failing: Path, tmp_path: Path) -> None:
    ours = tmp_path / "ours.sqlite"
    imported(failing, f"sqlite:///{ours}")
    before = rows(ours)
    (again,) = imported(failing, f"sqlite:///{ours}")
    assert (again.events, again.known_events) == (0, 164)
    assert rows(ours) == before


def test_an_import_that_was_broken_off_anywhere_goes_on(
    failing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "_SPANS", dict.fromkeys(parts._SPANS, 2))  # so that there are many
    monkeypatch.setattr("stampede.importing.importing.TRANSACTION", 1)
    whole = tmp_path / "whole.sqlite"
    imported(failing, f"sqlite:///{whole}")
    expected = answers(f"sqlite:///{whole}")

    class CutError(Exception):
        pass

    (found,), _ = databases(str(failing))
    for steps in range(1, 14, 3):
        url = f"sqlite:///{tmp_path}/cut{steps}.sqlite"
        left = [steps]

        def cut(done: int, total: int, events: int, left: list[int] = left) -> None:
            left[0] -= 1
            if not left[0]:
                raise CutError

        with pytest.raises(CutError):
            import_database(found, url, progress=cut)
        rest = import_database(found, url)
        assert rest.known_events > 0, "what was written before is not written again"
        assert differences(expected, answers(url)) == []


def cut_at(path: Path, folder: Path, share: float) -> Path:
    """What the database had at a share of its time, about: later states, and what they tell, are not there yet."""
    then = folder / f"then{share}.stampede.db"
    then.write_bytes(path.read_bytes())
    with closing(sqlite3.connect(then)) as c:
        first, last = c.execute("SELECT min(timestamp), max(timestamp) FROM jobstate").fetchone()
        at = first + share * (last - first)
        c.execute("DELETE FROM jobstate WHERE timestamp > ?", (at,))
        c.execute("DELETE FROM workflowstate WHERE timestamp > ?", (at,))
        gone = "(SELECT job_instance_id FROM jobstate)"
        c.execute(f"DELETE FROM job_instance WHERE job_instance_id NOT IN {gone}")
        ended = "(SELECT job_instance_id FROM jobstate WHERE state IN ('JOB_SUCCESS', 'JOB_FAILURE'))"
        for table in ("invocation", "integrity", "tag"):
            c.execute(f"DELETE FROM {table} WHERE job_instance_id NOT IN {ended}")
        scripts = "(SELECT job_instance_id FROM jobstate WHERE state IN ('POST_SCRIPT_SUCCESS', 'POST_SCRIPT_FAILED'))"
        c.execute(f"DELETE FROM invocation WHERE task_submit_seq = -2 AND job_instance_id NOT IN {scripts}")
        kept = {"job_instance_id", "job_id", "job_submit_seq", "sched_id", "site", "multiplier_factor"}
        columns = [r[1] for r in c.execute("PRAGMA table_info(job_instance)") if r[1] not in kept]
        c.execute(f"UPDATE job_instance SET {' = NULL, '.join(columns)} = NULL WHERE job_instance_id NOT IN {ended}")
        c.execute("DELETE FROM host WHERE host_id NOT IN (SELECT host_id FROM job_instance WHERE host_id IS NOT NULL)")
        c.commit()
    return then


def brings_the_rest(path: Path, folder: Path) -> None:
    """Imports of a database that grows leave what one of the whole leaves, and answer as in place on the way."""
    url = f"sqlite:///{folder}/live.sqlite"
    for share in (0.2, 0.5, 0.9):
        then = cut_at(path, folder, share)
        imported(then, url)
        assert differences(answers(f"sqlite:///{then}"), answers(url)) == []
    imported(path, url)
    assert differences(answers(f"sqlite:///{path}"), answers(url)) == []


def test_imports_while_pegasus_writes_bring_the_rest(failing: Path, tmp_path: Path) -> None:
    brings_the_rest(failing, tmp_path)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["pg_rescue", "pg_hier_ok", "pg_cluster_fail"])
def test_so_do_those_of_restarts_and_sub_workflows(
    recorded: Callable[[str], Path], tmp_path: Path, name: str
) -> None:  # fmt: skip
    brings_the_rest(recorded(name), tmp_path)


@pytest.mark.parametrize("old", [True, False])
def test_a_master_database_leads_to_those_that_it_lists(tmp_path: Path, old: bool) -> None:
    own = pegasus_3(tmp_path / "run.stampede.db")
    url = f"sqlite:///{tmp_path}/ours.sqlite"
    found, missing = databases(master(tmp_path / "workflow.db", own, old=old))
    assert [(m.label, m.why) for m in missing] == [("gone", "is not there")]
    for one in found:
        import_database(one, url)
    with stampede.open(url) as session:
        assert {w.label: (w.state, w.total) for w in session.workflows()} == {
            "diamond": ("failed", 3), "gone": ("success", 0),
        }  # fmt: skip
    assert not any(import_database(one, url).events for one in found)


def test_a_run_that_the_database_has_from_elsewhere_is_left_alone(
    failing: Path, corpus: Path, tmp_path: Path
) -> None:  # fmt: skip
    ours = tmp_path / "ours.sqlite"
    pipeline.load([corpus / "pg_fail"], f"sqlite:///{ours}")
    before = rows(ours)
    (done,) = imported(failing, f"sqlite:///{ours}")
    assert (done.events, done.workflows, len(done.left_alone)) == (0, [], 1)
    assert rows(ours) == before


def test_a_run_that_was_deleted_since_is_imported_again(failing: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ours.sqlite"
    (first,) = imported(failing, url)
    before = answers(url)
    with closing(sqlite3.connect(tmp_path / "ours.sqlite")) as c:
        assert c.execute("SELECT count(*) FROM source_position").fetchone() == (2,)
    assert retain([url], before_ts=1e10).count("deleted") == 1
    with closing(sqlite3.connect(tmp_path / "ours.sqlite")) as c:
        assert c.execute("SELECT count(*) FROM source_position").fetchone() == (0,)
    (again,) = imported(failing, url)
    assert again.events == first.events
    assert differences(before, answers(url)) == []


def test_what_cannot_be_taken_as_it_is_becomes_a_problem(failing: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(failing)) as c:
        c.execute("PRAGMA foreign_keys = OFF")
        c.execute("ALTER TABLE job ADD COLUMN colour TEXT")
        c.execute("CREATE TABLE weather(day TEXT)")
        c.execute("UPDATE job SET argv = CAST(x'ff6162' AS TEXT) WHERE job_id = 3")
        c.execute("UPDATE job_instance SET stdout_text = CAST(x'c328' AS TEXT), exitcode = 'often' "
                  "WHERE job_instance_id = 2")  # fmt: skip
        c.execute("UPDATE invocation SET remote_duration = 'long', maxrss = 1.5 WHERE invocation_id = 1")
        c.execute("INSERT INTO jobstate VALUES (999, 'SUBMIT', 1, 1, NULL)")
        c.execute("INSERT INTO job_instance(job_instance_id, job_id, job_submit_seq, multiplier_factor) "
                  "VALUES (77, 4711, 1, 1)")  # fmt: skip
        c.execute("INSERT INTO job_edge VALUES (1, 'ghost', 'findrange_ID0000002')")
        c.execute("INSERT INTO job(job_id, wf_id, exec_job_id, submit_file, type_desc, clustered, max_retries, "
                  "executable, task_count) VALUES (500, 99, 'x', '', 'compute', 0, 0, '', 0)")  # fmt: skip
        c.commit()
    url = f"sqlite:///{tmp_path}/ours.sqlite"
    (done,) = imported(failing, url)
    assert done.problems == {
        "undecodable": 2, "unreadable": 3, "unplaceable": 3, "unknown_column": 1, "unknown_table": 1,
    }  # fmt: skip
    with stampede.open(url) as session:
        wf = session.workflow()
        told = {(p.file, p.offset) for p in wf.problems()}
        assert told >= {
            ("failing-0.stampede.db:job", 3), ("failing-0.stampede.db:job_instance", 2),
            ("failing-0.stampede.db:jobstate", 999), ("failing-0.stampede.db:job_instance", 77),
            ("failing-0.stampede.db:job", 500),
        }  # fmt: skip
        assert wf.status()[0].nodes.failed == 1
        count = wf.problems().count().value
    (again,) = imported(failing, url)
    assert again.events == 0
    with stampede.open(url) as session:
        assert session.workflow().problems().count().value == count


def test_what_is_no_database_of_pegasus_is_refused(failing: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ours.sqlite"
    imported(failing, url)
    (tmp_path / "empty").mkdir()
    for source in (str(tmp_path / "nowhere"), str(tmp_path / "empty"), url):
        with pytest.raises(InputError):
            databases(source)
    assert [f.url for f in databases(str(tmp_path))[0]] == [f"sqlite:///{failing}"]
