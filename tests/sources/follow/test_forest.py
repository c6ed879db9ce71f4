"""All workflows of a folder, followed while they grow: whatever happens meanwhile, the database is that of one load."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import CORPUS, shared_folder

from stampede.sources.follow import Forest
from stampede.sources.follow.vital import Vital
from stampede.sources.follow.wake import Wake
from stampede.sources.static import static_events

from . import Stage, differences

RUNS = ("dm_c_rescue", "dm_e_subdag", "dm_g_hold", "pg_fail")
#: recorded runs beside the checkout, those in which the most different things happen
SHARED = (
    "dm_h_rm", "dm_n_halt", "dm_s_badsubmit", "dm_w_schedd_restart", "pg_hier_fail", "pg_hier_ok", "pg_killed",
    "pg_monitord_killed", "pg_rerun_after_success", "pg_rescue", "pg_retry", "pg_cluster_fail",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process of this machine may have the number of a recorded DAGMan."""
    monkeypatch.setattr(Vital, "here", lambda self, pid: False)


def staged(name: str, tmp_path: Path, **more: Any) -> Stage:
    return Stage(CORPUS / name, tmp_path / "s", tmp_path / "x.db", **more)


def asked(stage: Stage, sql: str) -> list[Any]:
    return asked_of(stage.database, sql)


def asked_of(database: Path, sql: str) -> list[Any]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


# ---- pieces and crashes ---------------------------------------------------------------------------------------------


def play(stage: Stage, seed: int) -> None:
    """Let all logs grow to some moments, torn in the middle of lines; look a few times at each; now and then be killed
    before or after what was read is stored, and begin anew."""
    chance = random.Random(seed)
    moments = stage.moments()
    for moment in sorted(chance.sample(moments, min(len(moments), chance.randint(2, 7)))):
        stage.until(moment, torn=chance.choice([0, chance.randint(0, 300)]))
        if chance.random() < 0.4:
            stage.step(0.4, stored=chance.random() < 0.5)
            stage.crash()
        stage.steps(times=chance.randint(1, 4))
        if chance.random() < 0.4:
            stage.crash()
    stage.finish()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", RUNS)
def test_pieces_and_crashes_at_any_place_give_the_database_of_one_load(name: str, seed: int, tmp_path: Path) -> None:
    """Every row of every table, and every place up to which something was read."""
    stage = staged(name, tmp_path)
    play(stage, seed)
    assert stage.differences() == []
    stage.close()


@pytest.mark.shared
@pytest.mark.parametrize("name", SHARED)
def test_so_do_the_recorded_runs_in_bulk(name: str, shared: Path, tmp_path: Path) -> None:
    stage = Stage(shared / "corpus" / "runs" / name / "submit", tmp_path / "s", tmp_path / "x.db")
    play(stage, sum(name.encode()))
    assert stage.differences() == []
    stage.close()


@pytest.mark.shared
def test_the_runs_in_bulk_are_there() -> None:
    folder = shared_folder()
    if folder is None:
        pytest.skip("the shared folder of recorded runs is not here")
    assert {name for name in SHARED if (folder / "corpus" / "runs" / name).is_dir()} == set(SHARED)


@pytest.mark.parametrize("name", RUNS)
def test_every_crash_before_storing_gives_the_database_of_one_load(name: str, tmp_path: Path) -> None:
    """However many batches in a row are lost: as if nobody had read them."""
    stage = staged(name, tmp_path)
    for share in (0.1, 0.35, 0.6, 0.85, 0.95):
        stage.grow_all(share, ".dagman.out")
        for _ in range(3):
            stage.step(1.0, stored=False)
            stage.crash()
        stage.steps(times=2)
    stage.finish()
    assert stage.differences() == []
    stage.close()


@pytest.mark.parametrize("name", RUNS)
def test_nothing_is_told_of_what_is_known(name: str, tmp_path: Path) -> None:
    """A second reading of a finished and stored folder ends too, and changes nothing that is stored."""
    stage = staged(name, tmp_path)
    stage.finish()
    before = tmp_path / "before.db"
    with sqlite3.connect(before) as copy:
        stage.loader.connection.backup(copy)
    copy.close()
    stage.crash()
    stage.finish()
    assert list(differences(stage.database, before)) == []
    connection = sqlite3.connect(before)
    tables = [r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {
        t: connection.execute(f'SELECT * FROM "{t}" ORDER BY 1, 2').fetchall()
        for t in tables
        if t != "lease" and not t.startswith("statistics_")
    }
    connection.close()
    assert {t: asked(stage, f'SELECT * FROM "{t}" ORDER BY 1, 2') for t in rows} == rows
    stage.close()


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("name", RUNS)
def test_beginning_anew_in_the_middle_tells_nothing_before_something_new_comes(
    name: str, share: float, tmp_path: Path
) -> None:
    stage = staged(name, tmp_path)
    stage.grow_all(share, ".dagman.out")
    stage.steps(seconds=2.0)
    stage.crash()
    told = []
    for _ in range(12):
        told += stage.step(0.01)
    log = stage.logs()[0]
    assert [(b.source, e) for b in told for e in b.events if b.source == str(log)] == []
    stage.close()


def test_batches_of_a_log_follow_each_other_without_a_gap(tmp_path: Path) -> None:
    stage = staged("pg_fail", tmp_path)
    (log,) = stage.logs()
    ends = [0]
    for share in (0.2, 0.21, 0.5, 0.9, 1.0):
        stage.grow_all(share, ".dagman.out")
        for _ in range(3):
            for batch in stage.step(0.1):
                if batch.source == str(log):
                    assert batch.start == ends[-1]
                    assert batch.end >= batch.start
                    ends.append(batch.end)
    assert ends[-1] == len(stage.whole[log])
    stage.close()


# ---- workflows that appear ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["dm_c_rescue", "pg_fail"])
@pytest.mark.parametrize("told_of", ["folder", "log", "both"])
def test_a_dag_that_is_planned_first_becomes_one_workflow_when_it_starts(
    name: str, told_of: str, tmp_path: Path
) -> None:
    """With braindump or without, whether the change of the folder or that of the log is noticed first."""
    stage = staged(name, tmp_path)
    stage.steps()
    assert stage.forest.begun
    assert not stage.forest.ended
    assert asked(stage, "SELECT state FROM workflow") == [("unstarted",)]
    nodes = asked(stage, "SELECT count(*) FROM job")
    stage.until(stage.moments()[3])
    for path in ([stage.folder] if told_of != "log" else []) + (stage.logs() if told_of != "folder" else []):
        stage.forest.notice(path)
    stage.steps()
    assert asked(stage, "SELECT state FROM workflow") == [("running",)]
    stage.finish()
    assert [d for d in stage.differences() if "#static" not in d] == []
    assert asked(stage, "SELECT count(*) FROM job") == nodes
    stage.close()


@pytest.mark.parametrize("name", ["dm_c_rescue", "pg_fail"])
def test_a_dag_that_waits_in_the_queue_is_that_workflow_too(name: str, tmp_path: Path) -> None:
    """Planned, then DAGMan's job is submitted, then DAGMan writes: one workflow, and nothing is left of the waiting."""
    stage = staged(name, tmp_path)
    stage.steps()
    (log,) = stage.logs(".dagman.log")
    stage.grow(log, stage.whole[log].index(b"...\n") + 4)
    stage.steps()
    assert asked(stage, "SELECT state FROM workflow") == [("running",)]
    assert asked(stage, "SELECT state FROM workflow_event") == [("dagman_submitted",)]
    stage.finish()
    assert [d for d in stage.differences() if "#static" not in d] == []
    stage.close()


def test_a_log_that_appears_byte_by_byte_is_known_when_its_banner_is_there(tmp_path: Path) -> None:
    """No line of it is told under a name that is not its own."""
    stage = staged("dm_c_rescue", tmp_path)
    stage.steps()
    (log,) = stage.logs()
    end = stage.at(log, "Default node log file")
    for size in range(0, end + 200, 97):
        stage.grow(log, size)
        stage.forest.notice(stage.folder)
        stage.steps(times=1)
        assert len(asked(stage, "SELECT 1 FROM workflow")) == 1
    stage.finish()
    assert [d for d in stage.differences() if "#static" not in d] == []
    stage.close()


@pytest.mark.parametrize("name", ["dm_g_hold", "pg_fail"])
def test_a_nodes_log_that_is_seen_before_dagmans_own_is_not_believed(name: str, tmp_path: Path) -> None:
    """On a network file system new files are seen in any order, some of them much later."""
    stage = staged(name, tmp_path)
    stage.grow_all(0.3, ".nodes.log")
    stage.forest.notice(stage.folder)
    stage.steps(seconds=1.0, times=10)
    stage.finish()
    assert [d for d in stage.differences() if "#static" not in d] == []
    stage.close()


def test_a_folder_in_which_nothing_is_yet_is_waited_in(tmp_path: Path) -> None:
    """First nothing, then a DAG, then its log; with and without being told that the folder has changed."""
    run = tmp_path / "run"
    shutil.copytree(CORPUS / "dm_c_rescue", run)
    stage = staged("dm_c_rescue", tmp_path)
    hidden = tmp_path / "dag"
    (stage.folder / "dm_c_rescue.dag").rename(hidden)
    for path in stage.folder.glob("*.rescue*"):
        path.unlink()
    stage.crash()
    stage.steps(seconds=1.1, times=2)
    assert (stage.forest.begun, stage.forest.ended, stage.forest.roots) == (False, False, [])
    assert asked(stage, "SELECT 1 FROM workflow") == []
    hidden.rename(stage.folder / "dm_c_rescue.dag")
    stage.steps(seconds=1.1, times=2)
    assert asked(stage, "SELECT state FROM workflow") == [("unstarted",)]
    shutil.copy(run / "dm_c_rescue.dag.rescue001", stage.folder)
    stage.finish()
    assert [d for d in stage.differences() if "#static" not in d] == []
    stage.close()


def test_a_dag_that_is_just_being_written_is_not_read(tmp_path: Path) -> None:
    stage = staged("dm_c_rescue", tmp_path)
    dag = stage.folder / "dm_c_rescue.dag"
    now = time.time()
    os.utime(dag, (now, now))
    stage.steps(times=1)
    assert not stage.forest.begun
    os.utime(dag, (now - 2, now - 2))
    stage.steps(seconds=1.1, times=1)
    assert stage.forest.begun
    stage.close()


def _two_in_one(tmp_path: Path) -> Stage:
    """Two runs that were submitted in one folder; only the DAGs have other names there."""
    run = tmp_path / "both"
    for name in ("dm_g_hold", "dm_c_rescue"):
        shutil.copytree(CORPUS / name, run, dirs_exist_ok=True)
    return Stage(run, tmp_path / "s", tmp_path / "x.db")


def test_a_folder_with_several_dags_has_a_workflow_each(tmp_path: Path) -> None:
    stage = _two_in_one(tmp_path)
    for moment in stage.moments()[::25]:
        stage.until(moment, torn=17)
        stage.forest.notice(stage.folder)
        stage.steps(times=1)
    stage.finish()
    assert {wf.dag.name for wf in stage.forest.roots} == {"dm_g_hold.dag", "dm_c_rescue.dag"}
    assert [d for d in stage.differences() if "#static" not in d] == []
    stage.close()


def test_a_folder_has_ended_when_all_that_began_has_though_others_are_planned(tmp_path: Path) -> None:
    """The second DAG is told as planned meanwhile, and taken up when it starts."""
    stage = _two_in_one(tmp_path)
    stage.steps()
    first, second = sorted(stage.logs())
    for end in (".dagman.out", ".nodes.log", ".dagman.log"):
        path = first.with_name("dm_c_rescue.dag" + end)
        stage.grow(path, len(stage.whole[path]))
    stage.steps(seconds=1.1, times=8)
    assert stage.forest.ended
    assert {wf.dag.name for wf in stage.forest.roots} == {"dm_c_rescue.dag"}
    assert sorted(asked(stage, "SELECT state FROM workflow")) == [("success",), ("unstarted",)]
    stage.grow(second, stage.at(second, "Default node log file") + 200)
    stage.forest.notice(stage.folder)
    stage.steps()
    assert not stage.forest.ended
    stage.finish()
    assert [d for d in stage.differences() if "#static" not in d] == []
    stage.close()


@pytest.mark.parametrize("crash", [False, True], ids=["alive", "dies"])
@pytest.mark.parametrize("name", ["dm_c_rescue", "dm_g_hold", "pg_fail"])
def test_a_dag_that_comes_long_after_its_log_is_taken_up_then(name: str, crash: bool, tmp_path: Path) -> None:
    """Meanwhile its jobs are told as they are met; then it is as if the DAG had been there all the time."""
    stage = staged(name, tmp_path)
    (dag,) = [p for p in stage.folder.glob("*.dag") if p.name + ".dagman.out" in {log.name for log in stage.logs()}]
    hidden = dag.rename(tmp_path / "hidden")
    stage.grow_all(0.5)
    stage.forest.notice(stage.folder)
    stage.steps(seconds=1.1, times=14)
    assert asked(stage, "SELECT count(*) FROM job_instance") != [(0,)]
    assert (asked(stage, "SELECT count(*) FROM job_edge") == [(0,)]) == (name != "pg_fail")  # static.bp has them, too
    if crash:
        stage.crash()
        stage.steps(seconds=1.1, times=14)
    hidden.rename(dag)
    stage.steps(seconds=1.1, times=3)
    assert asked(stage, "SELECT count(*) FROM job_edge") != [(0,)]
    if crash:
        stage.crash()
    stage.grow_all(0.8)
    stage.steps()
    stage.finish()
    assert stage.differences() == []
    stage.close()


def test_a_dag_that_never_comes_is_told_of(tmp_path: Path) -> None:
    stage = staged("dm_c_rescue", tmp_path)
    (stage.folder / "dm_c_rescue.dag").unlink()
    stage.grow_all(0.5)
    stage.forest.notice(stage.folder)
    stage.steps(seconds=1.1, times=14)
    stage.crash()
    stage.finish()
    assert stage.differences() == []
    assert ("missing_file",) in asked(stage, "SELECT kind FROM problem")
    stage.close()


@pytest.mark.parametrize("crash", [False, True], ids=["alive", "dies"])
def test_what_the_planner_wrote_may_come_after_the_run_began(crash: bool, tmp_path: Path) -> None:
    """A directory that is being copied: jobs are guessed from the submit files, till the planner's words are there."""
    stage = staged("pg_fail", tmp_path)
    (listed,) = stage.folder.glob("*.static.bp")
    hidden = listed.rename(tmp_path / "hidden")
    stage.grow_all(0.5)
    stage.forest.notice(stage.folder)
    stage.steps(seconds=1.1, times=3)
    before = asked(stage, "SELECT count(*) FROM job_instance")
    if crash:
        stage.crash()
    hidden.rename(listed)
    stage.steps(seconds=1.1, times=3)
    assert asked(stage, "SELECT count(*) FROM job_instance") == before
    stage.finish()
    assert stage.differences() == []
    stage.close()


def test_what_the_planner_wrote_may_be_made_anew_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies there before and after, but not at the moment of reading."""
    stage = staged("pg_fail", tmp_path)
    (listed,) = stage.folder.glob("*.static.bp")
    hidden = tmp_path / "hidden"

    def away(*args: Any) -> Any:
        if not hidden.exists():
            shutil.copy2(listed, hidden)
            listed.unlink()
        return static_events(*args)

    monkeypatch.setattr("stampede.sources.run.static_events", away)
    stage.grow_all(0.5)
    stage.forest.notice(stage.folder)
    stage.step(0.0)
    shutil.copy2(hidden, listed)
    stage.finish()
    assert stage.differences() == []
    stage.close()


def test_a_run_is_not_told_to_its_end_while_the_planners_words_come(tmp_path: Path) -> None:
    """The last file of a directory that is copied, of a run that is over."""
    stage = staged("pg_fail", tmp_path)
    (listed,) = stage.folder.glob("*.static.bp")
    hidden = listed.rename(tmp_path / "hidden")
    stage.grow_all(1.0)
    stage.forest.notice(stage.folder)
    stage.steps(seconds=0.35, times=7)
    assert not stage.forest.ended  # the logs of its jobs may go on for some seconds
    shutil.copy(hidden, listed)
    stage.steps(seconds=0.35, times=3)
    assert not stage.forest.ended
    stage.finish()
    assert stage.differences() == []
    stage.close()


@pytest.mark.parametrize("crash", [False, True], ids=["alive", "dies"])
def test_a_submit_file_that_comes_while_its_job_waits_makes_it_known(crash: bool, tmp_path: Path) -> None:
    """Also of nodes that have not been submitted, and when nobody looked as it came."""
    stage = staged("dm_g_hold", tmp_path)
    subs = sorted(stage.folder.glob("*.sub"))
    texts = {sub: sub.read_bytes() for sub in subs if "condor.sub" not in sub.name}
    for sub in texts:
        sub.unlink()
    stage.grow_all(0.2)
    stage.forest.notice(stage.folder)
    stage.steps(seconds=1.1, times=3)
    assert asked(stage, "SELECT DISTINCT executable FROM job") == [("",)]
    if crash:
        stage.forest.close()
    for sub, text in texts.items():
        sub.write_bytes(text)
        os.utime(sub, (1e9, 1e9))
    if crash:
        stage.crash()
    stage.steps(seconds=1.1, times=4)
    assert ("",) not in asked(stage, "SELECT executable FROM job")
    stage.finish()
    assert stage.differences() == []
    stage.close()


@pytest.mark.parametrize("word", ["SPLICE s", "INCLUDE"])
def test_a_dag_that_another_one_splices_is_no_workflow(word: str, tmp_path: Path) -> None:
    stage = staged("dm_c_rescue", tmp_path)
    dag = stage.folder / "dm_c_rescue.dag"
    (stage.folder / "part.dag").write_text("JOB x job.sub\n")
    dag.write_text(f"{dag.read_text()}\n{word} part.dag\n")
    for path in (dag, stage.folder / "part.dag"):
        os.utime(path, (1e9, 1e9))
    stage.steps()
    assert asked(stage, "SELECT dag_file_name FROM workflow") == [("dm_c_rescue.dag",)]
    stage.close()


def test_a_submit_file_that_comes_late_is_read_then(tmp_path: Path) -> None:
    """DAGMan submits a node when it is ready: until then its submit file may be made by another node."""
    stage = staged("dm_c_rescue", tmp_path)
    sub = stage.folder / "job.sub"
    text = sub.read_text()
    sub.unlink()
    (log,) = stage.logs()
    stage.grow(log, stage.at(log, "Default node log file") + 500)
    stage.steps()
    sub.write_text(text)
    os.utime(sub, (1e9, 1e9))
    stage.finish()
    assert asked(stage, "SELECT count(*) FROM invocation") == asked_of(
        stage.loaded(), "SELECT count(*) FROM invocation"
    )
    assert [d for d in stage.differences() if "#static" not in d] == []
    stage.close()


def test_a_submit_file_that_never_comes_is_told_of(tmp_path: Path) -> None:
    stage = staged("dm_c_rescue", tmp_path)
    (stage.folder / "job.sub").unlink()
    play(stage, 3)
    assert [d for d in stage.differences() if "#static" not in d] == []
    stage.close()


@pytest.mark.parametrize("planned", [False, True])
def test_a_run_that_was_seen_planned_is_known_again_by_the_rest_of_its_log(planned: bool, tmp_path: Path) -> None:
    """The log was rotated while nobody read it: what is left of it is the same workflow's."""
    stage = staged("dm_g_hold", tmp_path)
    if planned:
        stage.steps()
    (log,) = stage.logs()
    data = stage.whole[log]
    cut = data.index(b"\n", len(data) // 2) + 1
    stage.grow_all(0.5, ".nodes.log")
    stage.grow(log, cut)
    stage.forest.notice(stage.folder)
    stage.steps()
    before = asked(stage, "SELECT wf_uuid FROM workflow")
    log.rename(f"{log}.old")
    log.write_bytes(data[cut:])
    written = time.time() - 100.0  # nobody has written to it for a while
    os.utime(log, (written, written))
    stage.whole[log] = data[cut:]
    stage.crash()
    stage.finish()
    assert asked(stage, "SELECT wf_uuid FROM workflow") == before
    assert asked(stage, "SELECT state FROM workflow") == [("failed",)]
    stage.close()


@pytest.mark.parametrize("target", ["dm_c_rescue.dag", "dm_c_rescue.dag.dagman.out"])
def test_a_dag_or_a_log_can_be_named_instead_of_the_folder(target: str, tmp_path: Path) -> None:
    stage = staged("dm_c_rescue", tmp_path, target=target)
    stage.steps()
    stage.forest.notice(stage.folder)
    play(stage, 7)
    assert [d for d in stage.differences() if "#static" not in d] == []
    stage.close()


# ---- sub-workflows --------------------------------------------------------------------------------------------------


def test_a_sub_workflow_whose_log_comes_after_its_job_was_submitted_is_taken_up_then(tmp_path: Path) -> None:
    """The parent's log runs ahead: what it runs is awaited, and in the end mapped as if it had been there at once."""
    stage = staged("dm_e_subdag", tmp_path)
    (parent,) = stage.logs("dm_e_subdag.dag.dagman.out")
    children = sorted(p for p in stage.logs() if p != parent)
    stage.grow(parent, len(stage.whole[parent]) // 2)
    stage.steps()
    awaited = stage.forest.progress().awaited
    assert awaited >= 1
    assert stage.forest.progress().live == 1
    for child in children:
        stage.grow(child, len(stage.whole[child]) // 3)
        stage.steps(times=2)
    assert stage.forest.progress().live == len(children)  # the deepest has not been started
    assert stage.forest.progress().awaited == 0
    assert [wf.dag.name for wf in stage.forest.roots] == ["dm_e_subdag.dag"]
    stage.finish()
    assert stage.differences() == []
    assert asked(stage, "SELECT count(*) FROM job_instance WHERE subwf_id IS NOT NULL") != [(0,)]
    stage.close()


@pytest.mark.parametrize("when", ["before it is stored", "after it was stored"])
def test_a_sub_workflow_found_late_is_mapped_though_the_reader_dies(when: str, tmp_path: Path) -> None:
    stage = staged("dm_e_subdag", tmp_path)
    (parent,) = stage.logs("dm_e_subdag.dag.dagman.out")
    stage.grow(parent, len(stage.whole[parent]) * 2 // 3)
    stage.steps()
    for child in stage.logs():
        if child != parent:
            stage.grow(child, len(stage.whole[child]) // 3)
    stage.step(0.4, stored=when.startswith("after"))
    stage.crash()
    stage.steps()
    stage.finish()
    assert stage.differences() == []
    stage.close()


def test_sub_workflows_of_a_parent_that_is_over_are_left(tmp_path: Path) -> None:
    """A child that never said its end (its DAGMan was killed with its parent) does not keep the watch from ending."""
    stage = staged("dm_e_subdag", tmp_path)
    (child,) = stage.logs("inner_ok.dag.dagman.out")
    data = stage.whole[child]
    stage.whole[child] = data[: data.rindex(b"EXITING WITH STATUS")][:-20]
    stage.finish()
    assert stage.forest.ended
    assert asked(stage, "SELECT count(*) FROM workflow") == [(5,)]
    assert stage.differences() == []
    stage.close()


def test_a_child_that_was_left_is_taken_up_again_when_its_log_goes_on(tmp_path: Path) -> None:
    stage = staged("dm_e_subdag", tmp_path)
    (child,) = stage.logs("inner_ok.dag.dagman.out")
    data = stage.whole[child]
    stage.whole[child] = data[: len(data) // 2]
    stage.finish()
    stage.whole[child] = data
    stage.grow(child, len(data))
    assert not stage.forest.ended
    stage.finish()
    # that it seemed to be lost for a while is its history
    assert [d for d in stage.differences() if "'lost'" not in d] == []
    stage.close()


def test_waiting_for_a_child_to_be_closed_costs_no_spinning(tmp_path: Path) -> None:
    """While children linger that their parent has left, there is not always more to do at once."""
    stage = staged("dm_e_subdag", tmp_path)
    stage.grow_all(1.0)
    spins = 0
    for _ in range(60):
        stage.step(0.0)
        spins = spins + 1 if stage.forest.more else 0
    assert spins < 20
    stage.close()


# ---- ends -----------------------------------------------------------------------------------------------------------


def test_a_run_that_ended_is_opened_again_when_dagman_is_started_anew(tmp_path: Path) -> None:
    """A rescue in place: one workflow, both runs of it, as if they had been read in one."""
    stage = staged("dm_c_rescue", tmp_path)
    (log,) = stage.logs()
    second = stage.whole[log].rindex(b"STARTING UP")
    first_run = stage.whole[log][:second].rindex(b"EXITING WITH STATUS")
    stage.grow(log, stage.whole[log].index(b"\n", first_run) + 1)
    stage.steps(seconds=1.0, times=10)
    assert stage.forest.ended
    assert stage.forest.progress().ended == 1
    assert asked(stage, "SELECT state, restart_count FROM workflow") == [("failed", 0)]
    (wf,) = stage.forest.roots
    stage.grow(log, second + 400)
    assert not stage.forest.ended
    stage.steps()
    stage.finish()
    assert asked(stage, "SELECT wf_uuid, state, restart_count FROM workflow") == [(wf.uuid, "success", 1)]
    assert stage.differences() == []
    stage.close()


def test_a_run_that_ended_and_is_rescued_while_nobody_reads_is_gone_on_with(tmp_path: Path) -> None:
    stage = staged("dm_c_rescue", tmp_path)
    (log,) = stage.logs()
    stage.grow(log, stage.at(log, "EXITING WITH STATUS"))
    stage.steps(seconds=1.0, times=10)
    assert stage.forest.ended
    stage.finish()
    stage.crash()
    stage.finish()
    assert stage.differences() == []
    stage.close()


def test_a_change_that_is_none_opens_nothing(tmp_path: Path) -> None:
    stage = staged("dm_c_rescue", tmp_path)
    stage.finish()
    (log,) = stage.logs()
    os.utime(log)
    stage.forest.notice(log)
    assert stage.forest.ended
    stage.close()


def test_a_log_that_was_deleted_and_written_anew_is_another_workflow_with_all_of_its_lines(tmp_path: Path) -> None:
    """The new log has the inode of the old one, as file systems like to do, and is longer."""
    stage = staged("dm_c_rescue", tmp_path)
    (log,) = stage.logs()
    stage.finish()
    data = stage.whole[log].replace(b"11/21/26", b"11/22/26").replace(b"** PID = ", b"** PID = 9")
    log.write_bytes(data + b"11/22/26 21:05:43 more\n")
    stage.crash()
    stage.whole[log] = data
    for _ in range(10):
        stage.steps(seconds=0.6, times=1)
    runs = asked(stage, "SELECT wf_id, count(*) FROM job_instance JOIN job USING (job_id) GROUP BY 1 ORDER BY 1")
    assert len(runs) == 2
    assert runs[0][1] == runs[1][1]
    stage.close()


# ---- what it says of itself -----------------------------------------------------------------------------------------


def test_it_owns_its_folder_and_its_logs(tmp_path: Path) -> None:
    stage = staged("dm_e_subdag", tmp_path)
    stage.grow_all(0.9)
    stage.steps()
    assert stage.forest.owns(stage.folder)
    assert all(stage.forest.owns(log) for log in stage.logs())
    assert not stage.forest.owns(stage.folder / "other.dagman.out")
    stage.finish()
    assert all(stage.forest.owns(log) for log in stage.logs())
    stage.close()


def test_progress_tells_what_is_unread_and_what_stands_in_the_way(tmp_path: Path) -> None:
    stage = staged("dm_c_rescue", tmp_path)
    (log,) = stage.logs()
    stage.grow(log, 20_000)
    stage.steps()
    progress = stage.forest.progress()
    assert (progress.live, progress.ended, progress.obstacles) == (1, 0, [])
    assert progress.unread_bytes == 20_000 - (stage.whole[log].rindex(b"\n", 0, 20_000) + 1)  # the torn line
    with log.open("ab") as file:
        file.write(stage.whole[log][20_000:30_000])
    assert stage.forest.progress().unread_bytes > 9_000
    hidden = log.rename(tmp_path / "hidden")
    log.mkdir()
    stage.forest.notice(log)
    stage.steps(times=1)
    ((path, why),) = stage.forest.progress().obstacles
    assert path == str(log)
    assert "no regular file" in why
    log.rmdir()
    hidden.rename(log)
    stage.finish()
    assert stage.forest.progress().obstacles == []
    assert stage.differences() == []
    stage.close()


def test_with_nothing_to_do_it_says_when_to_come_back(tmp_path: Path) -> None:
    """A due time that lies ahead, at every stage; so that nobody has to spin."""
    stage = staged("dm_c_rescue", tmp_path)
    (log,) = stage.logs()
    for share in (0.0, 0.3, 0.6):
        if share:
            stage.grow(log, int(len(stage.whole[log]) * share))
            stage.forest.notice(stage.folder)
        stage.steps(times=6)
        assert not stage.forest.more
        assert stage.forest.due > stage.now, share
    stage.finish()
    assert stage.forest.due == float("inf")
    stage.close()


def test_an_empty_log_is_looked_at_again_but_not_at_once(tmp_path: Path) -> None:
    stage = staged("dm_c_rescue", tmp_path)
    (log,) = stage.logs()
    log.touch()
    began = time.monotonic()
    with Wake(polling=True) as wake:
        forest = Forest(stage.folder, {}, wake)
        for _ in range(3):
            forest.step(time.monotonic())
        assert not forest.more
        assert forest.due > began
        forest.close()
    stage.close()


def test_closed_it_watches_nothing_any_more(tmp_path: Path) -> None:
    stage = staged("dm_e_subdag", tmp_path)
    stage.grow_all(0.5)
    stage.steps()
    assert len(stage.wake._watched) > 3
    stage.forest.close()
    assert stage.wake._watched == {}
    stage.close()
