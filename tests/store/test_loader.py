"""The loader keeps its promises: order does not matter, nothing is written twice, nothing kills it or vanishes."""

from __future__ import annotations

import multiprocessing
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stampede.errors import DatabaseError, FutureDatabaseError, UsageError
from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.pipeline import load
from stampede.sources.base import Batch
from stampede.sources.open import open_source
from stampede.store.entities import COUNTS
from stampede.store.loader import Loader, Position
from stampede.store.rebuild import RECOUNT

from .samples import WF, Contents, attempt, contents, counts, edge, job, load_batches, node_states, start


def declared() -> list[Event]:
    """A small workflow with a file, tasks and metadata."""
    return [
        ev.WfPlan(ts=5.0, xwf_id=WF, dax_label="w", submit_dir="/w", user="u", planner_version="5", root_xwf_id=WF),
        ev.TaskInfo(ts=5.0, xwf_id=WF, task_id="t1", transformation="x", type_desc="compute"),
        ev.TaskInfo(ts=5.0, xwf_id=WF, task_id="t2", transformation="y", type_desc="compute"),
        ev.TaskEdge(ts=5.0, xwf_id=WF, parent_task_id="t1", child_task_id="t2"),
        ev.TaskMeta(ts=5.0, xwf_id=WF, task_id="t1", key="k", value="v"),
        ev.WfMapFile(ts=5.0, xwf_id=WF, task_id="t1", lfn_id="f.a"),
        ev.RcMeta(ts=5.0, xwf_id=WF, lfn_id="f.a", key="size", value="1"),
        ev.RcPfn(ts=5.0, xwf_id=WF, lfn_id="f.a", pfn="/f.a", site="local"),
        ev.XwfMeta(ts=5.0, xwf_id=WF, key="owner", value="me"),
        ev.Problem(ts=5.0, xwf_id=WF, kind="k", message="m", file="f", offset=3),
        job("a", retries=1, post=True), job("b"), job("c", retries=1), job("d"),
        ev.WfMapTaskJob(ts=5.0, xwf_id=WF, task_id="t1", job_id="a"),
        edge("a", "b"), edge("a", "c"), edge("b", "d"), edge("c", "d"),
    ]  # fmt: skip


def ran() -> list[Event]:
    """Tries that fail and succeed, with holds and post scripts."""
    return [
        *attempt("a", 1, 100, exitcode=256, post=True), *attempt("a", 2, 120, post=True, held=True),
        *attempt("b", 3, 150), *attempt("c", 4, 150, exitcode=512, held=True), *attempt("c", 5, 170, exitcode=512),
    ]  # fmt: skip


def whole() -> list[Event]:
    return [*declared(), start(), *ran(), ev.XwfEnd(ts=300.0, xwf_id=WF, restart_count=0, status=1)]


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("order") / "in-order.sqlite"
    load_batches(database, [whole()])
    return database


def cut(events: list[Event], places: set[int]) -> list[list[Event]]:
    at = sorted(places)
    return [events[a:b] for a, b in zip([0, *at], [*at, len(events)], strict=True)]


def test_the_sample_ends_as_it_should(in_order: Path) -> None:
    assert node_states(in_order) == {"a": "done", "b": "done", "c": "failed", "d": "futile"}
    told = counts(in_order)
    assert (told["attempts"], told["attempts_failed"], told["holds"], told["executes"]) == (5, 3, 2, 7)
    assert told["problems"] == 1


def test_the_running_counts_are_those_counted_afresh(in_order: Path) -> None:
    connection = sqlite3.connect(in_order)
    (afresh,) = connection.execute(RECOUNT).fetchall()
    kept = connection.execute(f"SELECT wf_id, {', '.join(COUNTS)} FROM workflow_summary").fetchone()
    connection.close()
    assert afresh == kept


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(order=st.permutations(range(len(declared() + ran()))), places=st.sets(st.integers(0, 60), max_size=3))
def test_events_of_one_run_in_any_order_and_any_batches_give_the_same_database(
    in_order: Path, order: list[int], places: set[int]
) -> None:
    """Declarations may come after what they declare, and the events of tries in any order, between start and end."""
    events = declared() + ran()
    stream = [start(), *(events[number] for number in order), ev.XwfEnd(ts=300.0, xwf_id=WF, restart_count=0, status=1)]
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "x.sqlite"
        load_batches(database, cut(stream, {p for p in places if p <= len(stream)}))
        assert_same(contents(database), contents(in_order))


#: since when a node is in its state depends on when that was known; all else does not
_HISTORY = {"node_state_ts"}


def assert_same(ours: Contents, expected: Contents) -> None:
    for table, rows in expected.items():
        left = {tuple(p for p in row if p[0] not in _HISTORY) for row in ours[table]}
        right = {tuple(p for p in row if p[0] not in _HISTORY) for row in rows}
        assert (table, left - right, right - left) == (table, set(), set())


@settings(max_examples=20, deadline=None)
@given(places=st.sets(st.integers(0, 90), max_size=6), again=st.sets(st.integers(0, 90), max_size=30))
def test_every_event_twice_gives_the_same_database(in_order: Path, places: set[int], again: set[int]) -> None:
    events = whole()
    twice = [e for number, event in enumerate(events) for e in ([event] if number in again else [event, event])]
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "x.sqlite"
        load_batches(database, cut(twice, {p for p in places if p <= len(twice)}))
        assert contents(database) == contents(in_order)


def test_a_whole_stream_twice_gives_the_same_database(in_order: Path, tmp_path: Path) -> None:
    database = tmp_path / "x.sqlite"
    load_batches(database, [whole(), whole()])
    assert contents(database) == contents(in_order)


def test_what_cannot_be_added_up_when_a_database_is_closed_is_said_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = tmp_path / "x.sqlite"
    with Loader(f"sqlite:///{database}"):
        pass
    connection = sqlite3.connect(database)
    connection.execute(
        "CREATE TRIGGER no_sums BEFORE INSERT ON statistics_block BEGIN SELECT RAISE(ABORT, 'no sums today'); END"
    )
    connection.commit()
    connection.close()
    load_batches(database, [whole()])
    (said,) = (record for record in caplog.records if record.name == "stampede.store")
    assert said.levelname == "WARNING"
    assert str(database) in said.getMessage()
    assert "no sums today" in said.getMessage()
    assert node_states(database)["a"] == "done"


class Killed(BaseException):
    """Stands for a process that dies."""


@pytest.mark.parametrize("run", ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"])
def test_a_load_that_dies_anywhere_and_is_repeated_gives_the_database_of_an_undisturbed_one(
    run: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stampede.sources.submit_dir.BATCH", 10)
    monkeypatch.setattr("stampede.sources.dagman.blocks._CHUNK", 500)
    undisturbed = tmp_path / "undisturbed.sqlite"
    load([corpus / run], f"sqlite:///{undisturbed}")
    disturbed = tmp_path / "disturbed.sqlite"
    url = f"sqlite:///{disturbed}"
    batches = sum(1 for _ in open_source(corpus / run).batches())
    assert batches > 5
    for deaths in range(1, batches, max(1, batches // 6)):
        with pytest.raises(Killed):
            _load_and_die(corpus / run, url, deaths)
    load([corpus / run], url)
    assert contents(disturbed) == contents(undisturbed)


def _position(batch: Batch) -> Position:
    return Position(batch.source, batch.end, batch.inode, batch.size, batch.final)


def _load_and_die(run: Path, url: str, deaths: int) -> None:
    """Load, but die in the middle of the batch of that number."""
    with Loader(url) as loader:
        for number, batch in enumerate(open_source(run).batches()):
            known = loader.position(batch.source)
            if known is None or batch.end > known.offset:
                loader.apply(Dying(batch.events) if number >= deaths else batch.events, _position(batch))


class Dying(list[Event]):
    """A batch in whose middle the process dies."""

    def __iter__(self) -> Iterator[Event]:
        yield from self[: len(self) // 2]
        raise Killed


def test_what_is_referred_to_before_it_is_declared_exists_and_is_completed_later(tmp_path: Path) -> None:
    database = tmp_path / "x.sqlite"
    load_batches(database, [list(attempt("late", 1, 100, exitcode=256))])
    assert node_states(database) == {"late": "failed"}
    load_batches(database, [[job("late", retries=3)]])
    assert node_states(database) == {"late": "ready"}
    connection = sqlite3.connect(database)
    row = connection.execute("SELECT submit_file, declared, max_retries, attempts FROM job").fetchone()
    connection.close()
    assert row == ("late.sub", 1, 3, 1)


HOSTILE = ["\ud800lone", "a\x00b", "x" * 1_000_000, "'; DROP TABLE job; --", "\u202eevil", ""]


@pytest.mark.parametrize("text", HOSTILE, ids=["surrogate", "nul", "huge", "quote", "bidi", "empty"])
def test_absurd_text_is_kept_or_told_of_and_takes_nothing_with_it(text: str, tmp_path: Path) -> None:
    database = tmp_path / "x.sqlite"
    events: list[Event] = [
        job("good"), start(), job(text), *attempt(text, 1, 100), *attempt("good", 2, 100),
        ev.XwfMeta(ts=1.0, xwf_id=WF, key=text, value=text),
        ev.Problem(ts=1.0, xwf_id=WF, kind=text, message=text),
        ev.WfPlan(ts=5.0, xwf_id=WF, dax_label=text, submit_dir=text),
        ev.XwfState(ts=1.0, xwf_id=WF, state=text, reason=text),
        ev.XwfEnd(ts=300.0, xwf_id=WF, restart_count=0, status=1, reason=text),
    ]  # fmt: skip
    load_batches(database, [events])
    states = node_states(database)
    assert states["good"] == "done"
    assert len(states) == 2


@pytest.mark.parametrize("number", [2**70, -(2**70), 2**63, -1])
def test_absurd_numbers_are_kept_or_told_of_and_take_nothing_with_them(number: int, tmp_path: Path) -> None:
    database = tmp_path / "x.sqlite"
    base: dict[str, Any] = {"xwf_id": WF, "job_id": "j", "job_inst_id": 1}
    events: list[Event] = [
        start(), *attempt("good", 2, 100),
        ev.JobInfo(ts=1.0, xwf_id=WF, job_id="j", max_retries=number, task_count=number, priority=number),
        ev.JobInstMainStart(ts=float(number), **base, js_id=number),
        ev.JobInstMainEnd(ts=float(number), **base, js_id=number, status=-1, exitcode=number, local_dur=1e308),
        ev.InvEnd(ts=1.0, **base, inv_id=number, exitcode=number, maxrss=number),
        ev.JobInstImageInfo(ts=1.0, **base, js_id=1, size=number),
        ev.JobInstHeldStart(ts=float(number), **base, reason="r", code=number, subcode=number, js_id=number),
        ev.IntMetric(ts=1.0, **base, type="check", file_type="input", count=number, duration=1.0),
        ev.JobInstMainStart(ts=1.0, xwf_id=WF, job_id="j", job_inst_id=number, js_id=1),
        ev.XwfEnd(ts=1.0, xwf_id=WF, restart_count=number, status=number),
    ]  # fmt: skip
    load_batches(database, [events])
    assert node_states(database)["good"] == "done"


@pytest.mark.parametrize("ts", [float("nan"), float("inf"), float("-inf")])
def test_times_that_are_none_kill_nothing(ts: float, tmp_path: Path) -> None:
    database = tmp_path / "x.sqlite"
    base: dict[str, Any] = {"xwf_id": WF, "job_id": "j", "job_inst_id": 1}
    events: list[Event] = [
        start(), ev.JobInstHeldStart(ts=ts, **base, reason="r"), ev.JobInstMainStart(ts=ts, **base),
        ev.JobInstMainEnd(ts=ts, **base, status=0), ev.InvEnd(ts=ts, **base, inv_id=1, dur=ts),
        ev.XwfState(ts=ts, xwf_id=WF, state="halted"), *attempt("good", 2, 100),
    ]  # fmt: skip
    load_batches(database, [events])
    assert node_states(database)["good"] == "done"


def test_a_value_that_had_to_be_changed_is_told_of(tmp_path: Path) -> None:
    database = tmp_path / "x.sqlite"
    load_batches(database, [[ev.XwfMeta(ts=1.0, xwf_id=WF, key="k", value="\ud800"), job("j")]])
    connection = sqlite3.connect(database)
    problems = connection.execute("SELECT kind, message FROM problem").fetchall()
    connection.close()
    assert [kind for kind, _ in problems] == ["unstorable"]
    assert "workflow_meta" in problems[0][1]


def test_a_database_from_the_future_is_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "x.sqlite"
    load_batches(database, [[job("a")]])
    connection = sqlite3.connect(database)
    connection.execute("UPDATE stampede_meta SET value = '999' WHERE key = 'schema_version'")
    connection.commit()
    connection.close()
    with pytest.raises(FutureDatabaseError, match="999"):
        Loader(f"sqlite:///{database}")


def test_what_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite"
    file.write_bytes(b"not a database at all, but long enough to look like a file " * 50)
    before = file.read_bytes()
    with pytest.raises(DatabaseError):
        Loader(f"sqlite:///{file}")
    assert file.read_bytes() == before


def test_a_database_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE theirs(x)")
    connection.commit()
    connection.close()
    with pytest.raises(DatabaseError, match="not made by Stampede"):
        Loader(f"sqlite:///{file}")


def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(DatabaseError, match="cannot be"):
        Loader(f"sqlite:///{blocked}/x.sqlite")
    with pytest.raises(UsageError):
        Loader("oracle://nowhere")


def _load_one(run: str, url: str) -> None:
    load([Path(run)], url)


def test_two_processes_may_load_into_one_database_at_the_same_time(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"]
    alone = tmp_path / "alone.sqlite"
    load([corpus / run for run in runs], f"sqlite:///{alone}")
    together = f"sqlite:///{tmp_path / 'together.sqlite'}"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_load_one, args=(str(corpus / run), together)) for run in runs]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * len(runs)
    assert contents(tmp_path / "together.sqlite") == contents(alone)
