"""The comparison itself: equal databases are equal; what is changed in one is found and named, no more."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import measure
from bench import peer as peer_tools

from . import explained, explained_statistics, reports, runs, stream
from .compare import Difference, compare, main
from .tables import TABLES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reference" / "differences.md"
DDL = Path(__file__).resolve().parents[2] / "src" / "stampede" / "store" / "ddl" / "sqlite.sql"

WORKFLOW = """
INSERT INTO dbversion (id, version_number, version, version_timestamp) VALUES (1, 14, '14', 0);
INSERT INTO workflow (wf_id, wf_uuid, root_wf_id) VALUES ({wf}, 'u-1', {wf});
INSERT INTO job (job_id, wf_id, exec_job_id, submit_file, type_desc, clustered, max_retries, executable, argv,
    task_count) VALUES ({wf}1, {wf}, 'a', 'a.sub', 'compute', 0, 1, '/bin/a', '-x', 1);
INSERT INTO host (host_id, wf_id, site, hostname, ip) VALUES ({wf}2, {wf}, 'local', 'h', '192.0.2.1');
INSERT INTO job_instance (job_instance_id, job_id, host_id, job_submit_seq, exitcode)
    VALUES ({wf}3, {wf}1, {wf}2, 1, 0);
INSERT INTO jobstate VALUES ({wf}3, 'SUBMIT', 10, 1, NULL);
INSERT INTO jobstate VALUES ({wf}3, 'EXECUTE', 11, 2, NULL);
INSERT INTO invocation (invocation_id, wf_id, job_instance_id, task_submit_seq, start_time, remote_duration, exitcode,
    transformation, executable, argv) VALUES ({wf}4, {wf}, {wf}3, 1, 11.5, 2.25, 0, 'x', '/bin/x', '-x');
"""

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A database with one workflow of one job; ``wf`` moves the ids, ``then`` is SQL to run after."""

    def build(name: str, *then: str, wf: int = 1) -> Path:
        path = tmp_path / name
        with sqlite3.connect(path) as connection:
            connection.executescript(DDL.read_text())
            connection.execute("DELETE FROM dbversion")
            connection.executescript(WORKFLOW.format(wf=wf))
            for statement in then:
                connection.execute(statement)
        connection.close()
        return path

    return build


def values(found: list[Difference]) -> list[tuple[str, str | None]]:
    return [(difference.table, difference.column or difference.kind) for difference in found]


def test_ids_do_not_matter(make: Make) -> None:
    assert compare(make("a.db"), make("b.db", wf=7)) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("UPDATE job SET argv = '-y'", [("job", "argv")]),
        ("UPDATE invocation SET remote_duration = 2.251", [("invocation", "remote_duration")]),
        ("DELETE FROM jobstate WHERE state = 'EXECUTE'", [("jobstate", "only_theirs")]),
        ("INSERT INTO jobstate VALUES (13, 'EXECUTE', 12, 3, NULL)", [("jobstate", "only_ours")]),
        ("UPDATE job_instance SET host_id = NULL", [("job_instance", "host_id")]),
        ("UPDATE dbversion SET version_number = 13", [("dbversion", "schema")]),
        ("DROP TABLE ensemble_workflow", [("ensemble_workflow", "schema")]),
        ("ALTER TABLE workflow DROP COLUMN grid_dn", [("workflow", "schema")]),
    ],
)
def test_one_change_is_one_difference(make: Make, change: str, expected: list[tuple[str, str]]) -> None:
    assert values(compare(make("a.db", change), make("b.db"))) == expected


def test_columns_that_only_we_have_are_no_difference(make: Make) -> None:
    ours = make("a.db", "ALTER TABLE job ADD COLUMN colour TEXT", "UPDATE job SET colour = 'red'")
    assert compare(ours, make("b.db")) == []


def test_a_state_the_peer_does_not_know_explains_the_shift_behind_it(make: Make) -> None:
    ours = make(
        "a.db",
        "UPDATE jobstate SET jobstate_submit_seq = 3 WHERE state = 'EXECUTE'",
        "INSERT INTO jobstate VALUES (13, 'JOB_SUSPENDED', 10, 2, NULL)",
    )
    covered, left = explained.explain(compare(ours, make("b.db")))
    assert [anchor for anchor, _ in covered] == ["more-states", "more-states"]
    assert left == []


def test_a_failure_is_never_explained_as_a_success(make: Make) -> None:
    _, left = explained.explain(compare(make("a.db"), make("b.db", "UPDATE job_instance SET exitcode = 256")))
    assert values(left) == [("job_instance", "exitcode")]


@pytest.mark.parametrize(
    ("ours", "theirs", "anchor"),
    [("it's", r"it\'s", "escaped-arguments"), (r"a\b", r"a\\b", "escaped-arguments"), ("a b", "a c", None)],
)
def test_only_the_peers_own_escaping_explains_other_arguments(
    make: Make, ours: str, theirs: str, anchor: str | None
) -> None:
    quoted = [text.replace("'", "''") for text in (ours, theirs)]
    found = compare(
        make("a.db", f"UPDATE job SET argv = '{quoted[0]}'"), make("b.db", f"UPDATE job SET argv = '{quoted[1]}'")
    )
    covered, _ = explained.explain(found)
    assert [name for name, difference in covered if difference.table == "job"] == ([anchor] if anchor else [])


def test_every_explanation_has_its_section_in_the_document() -> None:
    anchors = [rule.anchor for rule in explained.RULES]
    anchors += [rule.anchor for rule in explained_statistics.RULES]
    anchors += [rule.anchor for rule in explained.LINE_RULES] + [rule.anchor for rule in explained.EVENT_RULES]
    sections = set(re.findall(r'<a id="([a-z-]+)"></a>', DOCUMENT.read_text()))
    assert set(anchors) == sections


def test_every_rule_is_about_a_table_and_column_that_exist(make: Make) -> None:
    with sqlite3.connect(make("a.db")) as connection:
        for rule in explained.RULES:
            assert rule.table in TABLES
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({rule.table})")]
            assert rule.column is None or rule.column in names
    connection.close()


def test_by_hand_it_ends_with_a_code_and_says_what_differs(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    ours, theirs = make("a.db", "UPDATE job SET argv = '-y'"), make("b.db")
    assert main([str(theirs), str(theirs)]) == 0
    assert main([str(ours), str(theirs), "--explain"]) == 1
    assert "job[u-1, a].argv: ours '-y' theirs '-x'" in capsys.readouterr().out
    junk = ours.with_name("junk.db")
    junk.write_bytes(b"\0 this is no database at all" * 100)
    assert main([str(junk), str(theirs)]) == 2


def test_events_are_told_apart_by_what_they_are_about_and_not_by_content() -> None:
    line = "ts=2026-11-21T21:13:32.000000Z event=stampede.inv.end level=Info xwf.id=u job.id=a job_inst.id=1 inv.id=1 "
    assert stream.identity(line + 'argv="-c \\"x = 1\\" type=7" exitcode=0') == stream.identity(line + "exitcode=256")
    assert stream.identity(line) != stream.identity(line.replace("inv.id=1", "inv.id=2"))
    assert stream.identity("event=task.info task.id=t type=1")[1] == (("task.id", "t"),)


def test_reports_are_compared_without_the_folder_and_the_time_of_the_call() -> None:
    first = reports.normal(
        "2026-11-21 21:20:04,780:ERROR:x: /a/s gone\nSummary      : /tmp/1/summary.txt", Path("/a/s")
    )
    second = reports.normal(
        "2027-01-01 01:00:00,001:ERROR:x: /b/s gone\nSummary      : /tmp/2/summary.txt", Path("/b/s")
    )
    assert first == second
    assert reports.differing_lines(["a", "b"], ["a", "c"]) == ["- c", "+ b"]


def test_the_copy_never_points_back_at_the_original(tmp_path: Path) -> None:
    submit = tmp_path / "run"
    (submit / "00").mkdir(parents=True)
    (submit / "braindump.yml").write_text(f'submit_dir: "{submit}"\n')
    (submit / "00" / "braindump.yml").write_text(f'submit_dir: "{submit}/00"\n')
    (submit / "jobstate.log").write_text("x")
    copy = peer_tools.copy_submit(submit, tmp_path / "copy", monitor_files=False)
    assert peer_tools.recorded_dir(copy) == str(copy)
    assert peer_tools.recorded_dir(copy / "00") == f"{copy}/00"
    assert not (copy / "jobstate.log").exists()


def test_what_a_command_costs_is_told_of_that_command_alone() -> None:
    cost = measure.run(["sh", "-c", "echo out; echo err >&2; exit 7"])
    assert (cost.code, cost.out, cost.err, cost.last_line()) == (7, "out\n", "err\n", "err")
    assert measure.run(["sleep", "60"], timeout_s=0.1).code == -9


def test_the_peers_replay_of_a_run_equals_what_it_wrote_live(shared: Path, tmp_path: Path) -> None:
    """The comparison holds the peer against itself: every finished run agrees, one is tried here."""
    peer = peer_tools.find()
    if peer is None:
        pytest.skip("the peer is not installed: python bench/peer.py install")
    run = shared / "corpus" / "runs" / "pg_hier_fail"
    live = runs.recorded_database(run, tmp_path / "live.db")
    copy = peer_tools.copy_submit(run / "submit", tmp_path / "submit", monitor_files=False)
    peer_tools.monitord_replay(peer, copy, tmp_path / "replay.db")
    assert compare(tmp_path / "replay.db", live) == []


def test_programs_of_1970_are_counted_on_the_next_day_of_their_host() -> None:
    theirs = ["1970-01-01  a  2  0.006", "2026-11-21   a   20  29.366", "2026-11-21  b 1 1.0"]
    ours = ["2026-11-21  a  22  29.372", "2026-11-21  b 1 1.0"]
    assert reports.differing_lines(ours, theirs) == []
    assert reports.differing_lines(["2026-11-21  a  21  29.372", "2026-11-21  b 1 1.0"], theirs) != []
    assert reports.without_1970(["1970-01-01 a 2 0.006", "2026-11-21 b 1 1.0"])[-1] == "1970-01-01 a 2 0.006"


def test_a_plain_exit_code_read_as_a_signal_is_the_only_sign_that_may_differ() -> None:
    assert reports.differing_lines(["A 1 2.0  1  None"], ["A 1 2.0 -1  None"]) == []
    assert len(reports.differing_lines(["A 1 2.0  2  None"], ["A 1 2.0 -1  None"])) == 2
    assert len(reports.differing_lines(["A 1 2.0 -1  None"], ["A 1 2.0  1  None"])) == 2
