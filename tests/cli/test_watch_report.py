"""What a watch says: little, when there is something to say, and nothing that steers a terminal."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from stampede import pipeline
from stampede.analysis.progress.progress import Progress
from stampede.cli import watch_report as module
from stampede.cli.options import VERBOSE
from stampede.cli.watch_report import Json, Lines, Reporter, Seen, reporter
from stampede.query import open_database
from stampede.query.status import Nodes
from stampede.query.workflows import find
from stampede.watching.whole import Whole, whole


@pytest.fixture(autouse=True)
def _not_quiet() -> Iterator[None]:
    VERBOSE.reset()
    yield
    VERBOSE.reset()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets time pass that nobody waits for."""
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])

    def passes(seconds: float) -> None:
        now[0] += seconds

    return passes


@pytest.fixture
def run(corpus: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(corpus / "dm_g_hold", tmp_path / "run"))


@pytest.fixture
def whole_run(run: Path, tmp_path: Path) -> Whole:
    url = f"sqlite:///{tmp_path}/x.db"
    pipeline.load([run], url)
    with open_database(url) as reader:
        return whole(reader, find(reader, None)[0].wf_uuid)


class Watched:
    """Something that is watched: paths, and workflows in their databases as a test says."""

    def __init__(self, whole: Whole) -> None:
        self.one = _Hashable(path=Path("/run"), state="following", trouble=None)
        self.followed = [self.one]
        self.seen = Seen(self.one, "sqlite:////x.db", "wf", whole)  # type: ignore[arg-type]

    def now(self, **nodes: int) -> None:
        """The workflow runs, with these nodes."""
        root = msgspec.structs.replace(self.seen.whole.root, state="running")
        counts = dict.fromkeys(Nodes.__struct_fields__, 0) | {"total": 6} | nodes
        self.seen.whole = msgspec.structs.replace(self.seen.whole, root=root, nodes=Nodes(**counts), bad_news=None)


class _Hashable(SimpleNamespace):
    __hash__ = object.__hash__  # type: ignore[assignment]


@pytest.fixture
def watched(whole_run: Whole) -> Watched:
    return Watched(whole_run)


def told(made: Reporter, watched: Watched, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines of one telling."""
    made.seen = [watched.seen]
    made.tell(watched)  # type: ignore[arg-type]
    return capsys.readouterr().out.splitlines()


# ---- a sentence -----------------------------------------------------------------------------------------------------


def test_a_sentence_says_how_it_stands(watched: Watched) -> None:
    assert watched.seen.sentence().startswith("failed: 4 of 6 done")
    assert watched.seen.label == "dm_g_hold"
    assert watched.seen.remaining_s is None


def test_a_sentence_of_a_run_that_goes_on_has_its_pace(watched: Watched) -> None:
    watched.now(done=1, total=6001)
    watched.seen.whole = msgspec.structs.replace(watched.seen.whole, running=2000, idle=1, held=1, workflows=3)
    watched.seen.rate_per_min = 120.0
    assert watched.seen.remaining_s == 3000.0
    assert watched.seen.sentence() == (
        "running: 1 of 6,001 done, 2,000 executing, 1 idle, 1 held, 3 workflows, 120/min, "
        "about 50 min 00 s left at this rate"
    )


def test_where_an_end_is_foretold_it_stands_in_place_of_the_pace(watched: Watched) -> None:
    watched.now(done=1, total=6)
    watched.seen.rate_per_min = 60.0
    watched.seen.progress = Progress(
        as_of_ts=0.0, percent_jobs=17.0, percent_work=20.0, remaining_s=90.0, eta_ts=90.0, eta_low_ts=60.0,
        eta_high_ts=180.0, limited_by="slots",
    )  # fmt: skip
    assert watched.seen.remaining_s == 90.0
    assert "(80 %), limited by slots" in watched.seen.sentence()
    assert "at this rate" not in watched.seen.sentence()


def test_nothing_is_foretold_without_a_rate_or_without_work(watched: Watched) -> None:
    watched.now(done=3, failed=1, futile=2)
    for rate in (None, 0.0, 60.0):
        watched.seen.rate_per_min = rate
        assert watched.seen.remaining_s is None


@pytest.mark.parametrize(
    ("label", "dag", "shown"), [("w", "x.dag", "w"), (None, "x.dag", "x"), (None, None, "02e0e6a7")]
)
def test_a_workflow_is_called_by_its_label_its_dag_or_its_uuid(
    watched: Watched, label: str | None, dag: str | None, shown: str
) -> None:
    root = msgspec.structs.replace(watched.seen.whole.root, label=label, dag=dag, wf_uuid="02e0e6a7-7d5e-5fd3")
    watched.seen.whole = msgspec.structs.replace(watched.seen.whole, root=root)
    assert watched.seen.label == shown


def test_the_rate_is_that_of_the_last_minutes(clock: Callable[[float], None]) -> None:
    rate = module._Rate()
    assert rate.add(0) is None
    clock(1)
    assert rate.add(10) is None  # of one second nobody can tell
    clock(9)
    assert rate.add(20) == pytest.approx(120.0)
    for _ in range(30):
        clock(10)
        last = rate.add(20)
    assert last == 0.0


# ---- lines ----------------------------------------------------------------------------------------------------------


def test_a_line_comes_when_something_matters_has_changed(
    watched: Watched, capsys: pytest.CaptureFixture[str], clock: Callable[[float], None]
) -> None:
    """Jobs that are done one by one do not matter; a failure, a hold, a restart, the end do."""
    lines = Lines()
    watched.now(done=1)
    assert len(told(lines, watched, capsys)) == 1
    clock(1)
    assert told(lines, watched, capsys) == []
    watched.now(done=2)
    assert told(lines, watched, capsys) == []
    watched.now(done=2, failed=1)
    (line,) = told(lines, watched, capsys)
    assert line.endswith("dm_g_hold running: 2 of 6 done, 1 failed")
    watched.seen.whole = msgspec.structs.replace(watched.seen.whole, held=1, bad_news="held: no input")
    (line,) = told(lines, watched, capsys)
    assert line.endswith("1 held, 1 failed (held: no input)")
    lines.close()


def test_a_line_comes_every_half_minute_if_it_says_something_new(
    watched: Watched, capsys: pytest.CaptureFixture[str], clock: Callable[[float], None]
) -> None:
    lines = Lines()
    watched.now(done=1)
    assert len(told(lines, watched, capsys)) == 1
    watched.now(done=2)
    clock(20)
    assert told(lines, watched, capsys) == []
    clock(11)
    assert len(told(lines, watched, capsys)) == 1
    clock(100)
    assert told(lines, watched, capsys) == []
    lines.close()


def test_trouble_is_said_once_and_so_is_its_end(watched: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines.tell(watched)  # type: ignore[arg-type]
    assert capsys.readouterr().err == ""
    watched.one.trouble = "x.db: database is locked."
    for _ in range(3):
        lines.tell(watched)  # type: ignore[arg-type]
    assert capsys.readouterr().err == "stampede: /run: x.db: database is locked.\n"
    watched.one.trouble = None
    for _ in range(3):
        lines.tell(watched)  # type: ignore[arg-type]
    assert capsys.readouterr().err == "stampede: /run: goes on\n"
    lines.close()


def test_quiet_says_only_what_is_wrong(watched: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    VERBOSE.level = -1
    lines = Lines()
    watched.one.trouble = "x.db: database is locked."
    assert told(lines, watched, capsys) == []
    lines.tell(watched)  # type: ignore[arg-type]
    lines.trouble(watched.one)  # type: ignore[arg-type]
    assert "locked" in capsys.readouterr().err
    lines.end(watched, 15)  # type: ignore[arg-type]
    assert capsys.readouterr() == ("", "")
    lines.close()


def test_text_from_outside_steers_no_terminal(watched: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a hold reason, nor a label, nor a path."""
    evil = "\x1b[2J\x07\u202egone"
    root = msgspec.structs.replace(watched.seen.whole.root, label=evil)
    watched.seen.whole = msgspec.structs.replace(watched.seen.whole, root=root, bad_news=evil)
    watched.one.path, watched.one.trouble = Path(f"/{evil}"), evil
    lines = Lines()
    lines.seen = [watched.seen]
    lines.tell(watched)  # type: ignore[arg-type]
    out, err = capsys.readouterr()
    assert "gone" in out
    assert "gone" in err
    assert not set("\x1b\x07\u202e") & set(out + err)
    lines.close()


def test_the_states_of_all_roots_are_what_the_end_says(watched: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    told(lines, watched, capsys)
    assert lines.end(watched, None) == {"failed"}  # type: ignore[arg-type]
    assert capsys.readouterr().err == ""
    lines.end(watched, 15)  # type: ignore[arg-type]
    assert "what was read is kept" in capsys.readouterr().err
    lines.close()


# ---- JSON -----------------------------------------------------------------------------------------------------------


def test_json_says_the_same_in_objects(watched: Watched, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    made = Json()
    made.seen = [watched.seen]
    watched.now(done=2, failed=1)
    watched.one.trouble = "x.db: database is locked."
    made.tell(watched)  # type: ignore[arg-type]
    made.tell(watched)  # type: ignore[arg-type]
    made.say("found /run")
    assert made.end(watched, None) == {"running"}  # type: ignore[arg-type]
    objects = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert [o["event"] for o in objects] == ["trouble", "status", "note", "end"]
    trouble, status, note, end = objects
    assert (trouble["path"], trouble["state"], trouble["trouble"]) == ("/run", "following", "x.db: database is locked.")
    assert (status["state"], status["nodes"]["done"], status["nodes"]["failed"]) == ("running", 2, 1)
    assert note["text"] == "found /run"
    assert end["signal"] is None
    assert [w["wf_uuid"] for w in end["workflows"]] == [watched.seen.whole.root.wf_uuid]
    assert all(o["ts"].endswith("Z") for o in objects)
    made.close()


def test_json_is_valid_whatever_text_came_from_outside(
    watched: Watched, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    root = msgspec.structs.replace(watched.seen.whole.root, label='"\n\x1b\ud800')
    watched.seen.whole = msgspec.structs.replace(watched.seen.whole, root=root)
    made = Json()
    made.seen = [watched.seen]
    made.tell(watched)  # type: ignore[arg-type]
    (line,) = capfdbinary.readouterr().out.splitlines()
    assert json.loads(line)["label"].startswith('"\n\x1b')
    made.close()


# ---- looking up -----------------------------------------------------------------------------------------------------


def test_what_is_not_in_a_database_yet_is_looked_up_the_next_time(run: Path, tmp_path: Path) -> None:
    """No database, one without the workflow, one that was made anew: never an error."""
    from stampede.sources.identity import identify

    url = f"sqlite:///{tmp_path}/x.db"
    (log,) = run.glob("*.dagman.out")
    one = _Hashable(path=run, url=url, workflows=[identify(log)])
    made = Reporter()
    assert made.look([one]) == []  # type: ignore[list-item]
    (tmp_path / "x.db").write_text("no database")
    assert made.look([one]) == []  # type: ignore[list-item]
    (tmp_path / "x.db").unlink()
    pipeline.load([run], url)
    assert [s.whole.root.state for s in made.look([one])] == ["failed"]  # type: ignore[list-item]
    made.close()


def test_the_form_is_that_of_where_the_output_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    with reporter(True) as made:
        assert type(made) is Json
    with reporter(False) as made:
        assert type(made) is Lines
