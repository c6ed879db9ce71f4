"""Submit directories that are damaged, odd or made to harm: loading ends, soon, and tells what was wrong.

Each test breaks a copy of a recorded run. The alarm ends a load that hangs.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click.testing
import pytest

from stampede import pipeline
from stampede.cli.main import cli
from stampede.events.catalogue import Problem
from stampede.places import default_url

RUNS = ("pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue")
_PATIENCE = 40
_MEGABYTE = 1 << 20

Copy = Callable[[str], Path]


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    """No test waits for ever."""

    def give_up(*_: object) -> None:
        raise KeyboardInterrupt(f"still not done after {_PATIENCE} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(_PATIENCE)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(autouse=True)
def _own_world(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path_factory.mktemp("state")))
    monkeypatch.delenv("STAMPEDE_DB", raising=False)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def copy(corpus: Path, tmp_path: Path) -> Copy:
    """A recorded run, to be broken."""

    def copied(name: str) -> Path:
        return Path(shutil.copytree(corpus / name, tmp_path / name))

    return copied


def run(*arguments: object) -> click.testing.Result:
    """The command line; a defect (exit 70) or a traceback fails the test."""
    result = click.testing.CliRunner().invoke(cli, [str(a) for a in arguments], prog_name="stampede")
    if result.exit_code not in (0, 1, 3, 4):
        again = click.testing.CliRunner().invoke(cli, [*[str(a) for a in arguments], "-v"])
        raise AssertionError(again.output[-1500:])
    assert "Traceback" not in result.output
    assert "\x1b" not in result.output
    return result


def problems(folder: Path, database: Path) -> dict[str, list[Problem]]:
    """All problems of a load that goes well, by kind; the events are loaded, too."""
    assert pipeline.load([folder], f"sqlite:///{database}").events
    found: dict[str, list[Problem]] = {}
    for event in pipeline.stream([folder]):
        if isinstance(event, Problem):
            assert event.message
            assert event.remedy
            found.setdefault(event.kind, []).append(event)
    return found


def files_of(problem: list[Problem]) -> set[str]:
    return {os.path.basename(p.file or "") for p in problem}


def in_queue(folder: Path) -> str:
    """The name of the DAG of a recorded run."""
    return "failing-0.dag" if folder.name == "pg_fail" else f"{folder.name}.dag"


# ---- bytes ----------------------------------------------------------------------------------------------------------

_NASTY = b"\xff\xfe\x00\x1b[2J\x1b]0;gotcha\x07\x9b31m\xe2\x80\xae\r\x08\xed\xa0\x80"


@pytest.mark.parametrize("name", RUNS)
def test_odd_bytes_in_every_file_never_stop_a_load(copy: Copy, tmp_path: Path, name: str) -> None:
    folder = copy(name)
    chance = random.Random(name)
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        for _ in range(3):
            at = chance.randrange(len(data) + 1)
            data = data[:at] + _NASTY + data[at + chance.randrange(4) :]
        path.write_bytes(data)
    assert run("load", folder).exit_code == 0
    for verb in ("status", "triage", "jobs"):
        run(verb, folder)
    assert problems(folder, tmp_path / "x.db")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", RUNS)
def test_files_cut_anywhere_never_stop_a_load(copy: Copy, name: str, seed: int) -> None:
    folder = copy(name)
    chance = random.Random(f"{name}{seed}")
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if chance.random() < 0.7:
            os.truncate(path, chance.randrange(path.stat().st_size + 1))
    assert run("load", folder).exit_code in (0, 3)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", RUNS)
def test_shuffled_lines_never_stop_a_load(copy: Copy, name: str, seed: int) -> None:
    """Ends come before starts, times run backwards, events tell of what nobody submitted."""
    folder = copy(name)
    chance = random.Random(f"{name}{seed}")
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size):
        lines = path.read_bytes().splitlines(keepends=True)
        for _ in range(max(2, len(lines) // 4)):
            i, j = chance.randrange(len(lines)), chance.randrange(len(lines))
            lines[i], lines[j] = lines[j], lines[i]
        path.write_bytes(b"".join(lines))
    assert run("load", folder).exit_code in (0, 3)
    for verb in ("status", "triage", "jobs"):
        run(verb, folder)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", RUNS)
def test_odd_numbers_never_stop_a_load(copy: Copy, name: str, seed: int) -> None:
    folder = copy(name)
    chance = random.Random(f"{name}{seed}")
    odd = [b"9" * 30, b"-1", b"nan", b"inf", b"1e999", b"9223372036854775808", b"0x10", b"9" * 5000, b"\xd9\xa3", b"0"]
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size):
        path.write_bytes(
            re.sub(rb"(?<=[ ='\":(.])\d+", lambda m: chance.choice(odd) if chance.random() < 0.1 else m[0],
                   path.read_bytes())
        )  # fmt: skip
    assert run("load", folder).exit_code in (0, 3)
    for verb in ("status", "triage", "jobs"):
        run(verb, folder)
        run(verb, folder, "--json")


# ---- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd", [b"caf\xe9 \x1b[31m", b"new\nline", b"a?b#c%41 d", b"$(reboot)'\"", "\u202eüñ".encode()]
)
@pytest.mark.parametrize("name", RUNS)
def test_a_directory_of_any_name_can_be_loaded_and_asked(copy: Copy, tmp_path: Path, name: str, odd: bytes) -> None:
    folder = tmp_path / os.fsdecode(odd)
    copy(name).rename(folder)
    assert run("load", folder).exit_code == 0
    assert "failed" in run("status", folder).output or name == "dm_c_rescue"
    run("triage", folder)
    again = json.loads(run("load", folder, "--json").stdout)["loads"][0]
    assert again["events"] == 0
    assert again["skipped"]


def test_files_of_any_name_can_be_loaded(copy: Copy, tmp_path: Path) -> None:
    folder = copy("dm_g_hold")
    odd = os.fsdecode(b"caf\xe9.dag")
    for path in sorted(folder.glob("dm_g_hold.dag*")):
        path.rename(folder / path.name.replace("dm_g_hold.dag", odd))
    assert run("load", folder).exit_code == 0
    assert run("load", folder / odd).exit_code == 0
    assert "caf\\xe9" in run("status", folder).output
    log = folder / f"{odd}.nodes.log"
    assert pipeline.load([log], f"sqlite:///{tmp_path}/log.db").events


def test_a_node_whose_name_is_no_utf8_is_one_node_in_dag_and_log(copy: Copy) -> None:
    folder = copy("dm_g_hold")
    for path in folder.glob("dm_g_hold.*"):
        path.write_bytes(path.read_bytes().replace(b"held_and_removed", b"held\xff_\x1b[31m"))
    assert run("load", folder).exit_code == 0
    before = {j["job"]: j["state"] for j in json.loads(run("jobs", folder, "--json").stdout)["jobs"]}
    assert len(before) == 6
    assert before["held\\xff_\x1b[31m"] == "failed"
    for verb in (("status",), ("triage",), ("jobs",), ("show", "held\\xff_\x1b[31m")):
        assert "31m" in run(*verb, folder).output or verb == ("status",)


@pytest.mark.parametrize("name", ["x" * 300, "a/" * 3000, "nul\0byte"])
def test_paths_that_cannot_exist_are_refused_in_words(name: str) -> None:
    assert run("load", name).exit_code == 3


def test_names_that_cannot_exist_inside_of_files_never_stop_a_load(copy: Copy, tmp_path: Path) -> None:
    folder = copy("dm_e_subdag")
    for odd in ("x" * 300, "nul\0byte", "a/" * 3000):
        for path in folder.glob("*.dag"):
            text = path.read_text()
            path.write_text(text + f"\nJOB odd{len(odd)} {odd}.sub\nSUBDAG EXTERNAL below{len(odd)} {odd}.dag\n"
                            f"SPLICE spliced{len(odd)} {odd}\nINCLUDE {odd}\n")  # fmt: skip
    (folder / "job.sub").write_text("".join(
        f"{key} = {value}\n" for key in ("log", "output", "error", "input", "initialdir")
        for value in ("y" * 300, "nul\0byte")
    ))  # fmt: skip
    assert "unreadable-file" in problems(folder, tmp_path / "x.db")
    assert run("load", folder).exit_code == 0


def test_a_braindump_may_name_anything(copy: Copy) -> None:
    for odd in ("x" * 300, "nul\0", "..", "/", "\u202e.dag", "", "~", "{a: [b]}"):
        folder = copy("pg_fail")
        (folder / "braindump.yml").write_text(
            f'wf_uuid: "{odd}"\ndag: "{odd}"\nsubmit_dir: "{odd}"\ntimestamp: "{odd}"\n'
        )
        assert run("load", folder).exit_code in (0, 3)
        assert not run("triage", folder).output.startswith("stampede: this is")
        shutil.rmtree(folder)


# ---- things that are no files ---------------------------------------------------------------------------------------


def _directory(path: Path) -> None:
    path.mkdir()


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _zero(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _nowhere(path: Path) -> None:
    path.symlink_to("no such place")


def _socket(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)  # names of sockets are short
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


OBSTACLES = (os.mkfifo, _directory, _loop, _zero, _nowhere, _socket)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("make", OBSTACLES)
@pytest.mark.parametrize("name", RUNS)
def test_what_is_no_file_is_told_and_never_waited_for(
    copy: Copy, tmp_path: Path, name: str, make: Callable[[Path], None]
) -> None:
    folder = copy(name)
    dag = in_queue(folder)
    kept = {f"{dag}.dagman.out", "braindump.yml", "README.md", "truth.json"}
    replaced = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name not in kept]
    for path in replaced:
        path.unlink()
        make(path)
    found = problems(folder, tmp_path / "x.db")
    told = {os.path.basename(p.file or "") for group in found.values() for p in group}
    assert {p.name for p in replaced if p.name in (dag, f"{dag}.metrics", f"{dag}.dagman.log", f"{dag}.nodes.log",
                                                   "failing-0.static.bp")} <= told  # fmt: skip
    assert run("load", folder).exit_code == 0
    assert run("load", folder / dag).exit_code in (0, 3)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("make", OBSTACLES)
def test_the_very_log_or_braindump_may_be_no_file(copy: Copy, tmp_path: Path, make: Callable[[Path], None]) -> None:
    folder = copy("pg_fail")
    for name in ("failing-0.dag.dagman.out", "braindump.yml"):
        (folder / name).unlink()
        make(folder / name)
        found = problems(folder, tmp_path / f"{name}.db")
        assert name in files_of(found["unreadable"])
        run("load", folder)
        run("load", folder / "failing-0.dag.dagman.out")


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("make", OBSTACLES)
@pytest.mark.parametrize("name", ["x.bp", "x.dag", "x.dag.dagman.out", "x.log", "x"])
def test_a_path_that_is_no_file_is_refused_at_once(tmp_path: Path, name: str, make: Callable[[Path], None]) -> None:
    make(tmp_path / name)
    assert run("load", tmp_path / name).exit_code == 3
    run("validate", tmp_path / name)


def test_loops_of_directories_are_left_alone(copy: Copy) -> None:
    folder = copy("dm_e_subdag")
    (folder / "loop").symlink_to(".")
    (folder / "up").symlink_to("..")
    shutil.rmtree(folder / "out")
    (folder / "out").symlink_to("out")
    assert run("load", folder).exit_code == 0


# ---- DAGs that lead nowhere -----------------------------------------------------------------------------------------


def test_cycles_and_files_that_include_themselves_are_told(copy: Copy, tmp_path: Path) -> None:
    folder = copy("dm_e_subdag")
    dag = folder / "dm_e_subdag.dag"
    names = [line.split()[1] for line in dag.read_text().splitlines() if line.startswith(("JOB ", "SUBDAG "))]
    first = dag.read_text().split("JOB ", 1)[1].split()[0]
    with dag.open("a") as file:
        file.write(f"PARENT {first} CHILD {first}\nINCLUDE {dag.name}\nSPLICE self {dag.name}\n"
                   f"SUBDAG EXTERNAL again {dag.name}\nJOB a job.sub\nJOB b job.sub\nPARENT a CHILD b\n"
                   "PARENT b CHILD a\nINCLUDE other.inc\n")  # fmt: skip
    (folder / "other.inc").write_text(f"INCLUDE third.inc\nSPLICE x {dag.name}\n")
    (folder / "third.inc").symlink_to("other.inc")
    assert names
    found = problems(folder, tmp_path / "x.db")
    assert "file-cycle" in found
    assert run("load", folder).exit_code == 0
    run("status", folder)


def test_a_subdag_whose_log_is_its_parents_is_loaded_once(copy: Copy) -> None:
    folder = copy("dm_e_subdag")
    for log in folder.glob("inner_*.dag.dagman.out"):
        log.unlink()
        log.symlink_to("dm_e_subdag.dag.dagman.out")
    assert run("load", folder).exit_code == 0
    run("status", folder)
    run("triage", folder)


# ---- deep and wide --------------------------------------------------------------------------------------------------

_BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(12)
) + "]>"  # fmt: skip

RECORDS = {
    "yaml brackets": "- invocation: True\n  x: " + "[" * 100_000,
    "yaml braces": "- invocation: True\n  x: " + "{a: " * 50_000,
    "yaml indentation": "- invocation: True\n" + "".join(" " * n + "a:\n" for n in range(2, 600)),
    "yaml anchors": "- invocation: True\n  a: &a [x, x]\n" + "".join(
        f"  b{n}: &b{n} [{', '.join(['*a' if not n else f'*b{n - 1}'] * 10)}]\n" for n in range(20)),
    "yaml tags": "- invocation: True\n  x: !!python/object/apply:os.system ['touch /tmp/never']\n  y: !<!> &x z\n",
    "yaml numbers": "- invocation: True\n  duration: .inf\n  start: .nan\n  maxrss: 1e400\n  raw: " + "9" * 400 + "\n",
    "xml bomb": '<?xml version="1.0"?>' + _BOMB + "<invocation duration=\"&m;\"><mainjob>&m;</mainjob></invocation>",
    "xml depth": '<?xml version="1.0"?><invocation>' + "<a>" * 100_000,
    "json depth": "@@@MONITORING_PAYLOAD - START@@@" + '{"a":' * 100_000 + "@@@MONITORING_PAYLOAD - END@@@",
    "multipart": "---------------pegasus-multipart\n- integrity_summary:\n    succeeded: 1e999\n    x: "
    + "[" * 100_000 + "\n",
    "cluster": "[cluster-task id=" + "9" * 9000 + ", start=nan]\n"
    "[cluster-summary stat=\"ok\", lines=1e99, duration=inf]\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", RECORDS)
def test_deep_and_wide_records_never_stop_a_load(copy: Copy, kind: str) -> None:
    folder = copy("pg_fail")
    for path in folder.rglob("*.out.00?"):
        path.write_text(RECORDS[kind])
    for path in folder.rglob("*.err.00?"):
        path.write_text(RECORDS[kind])
    assert run("load", folder).exit_code == 0
    run("show", "findrange_ID0000003", folder, "--full")
    run("triage", folder)


@pytest.mark.parametrize("text", [
    "[" * 100_000, "{a: " * 100_000, "a: &a [*a]\n", "a: &a {b: *a}\n<<: *a\n", "!!python/name:os.system x\n",
    "wf_uuid: !!binary aGk=\ntimestamp: .nan\n", "%YAML 9.9\n---\n- x\n", "? [a]\n: b\n", "--- a\n--- b\n",
    "timestamp: '99999999999999999999'\nwf_uuid: '1'\n", "timestamp: 9999-12-31T23:59:59-23:59\nwf_uuid: x\n",
])  # fmt: skip
def test_odd_yaml_in_a_braindump_never_stops_a_load(copy: Copy, text: str) -> None:
    folder = copy("pg_fail")
    (folder / "braindump.yml").write_text(text)
    assert run("load", folder).exit_code == 0
    run("status", folder)
    run("triage", folder)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"start_time":1e400,"end_time":NaN}', '{"start_time":1e300}', "[]",
                                  '{"start_time":-1e11,"exitcode":' + "9" * 500 + "}", "\xff"])  # fmt: skip
def test_odd_metrics_and_metadata_never_stop_a_load(copy: Copy, text: str) -> None:
    folder = copy("pg_fail")
    for name in ("failing-0.dag.metrics", "failing-0.metrics", "failing-0.metadata", "failing-0.exitcode.log",
                 "failing-0.cache.meta", "00/00/findrange_ID0000003.meta"):  # fmt: skip
        (folder / name).write_text(text)
    assert run("load", folder).exit_code == 0


@pytest.mark.parametrize("line", [
    b"{" * 200_000, b'{"a":' * 100_000, b"<c>" * 100_000, b"<c><a n='x'>" * 50_000, b"...\n" * 50_000,
    b'{"EventTypeNumber":1e400,"Cluster":' + b"9" * 5000 + b"}",
    b"005 (9999999999999999999.0.0) 2026-11-21 21:00:00 x\n",
    b"001 (1.0.0) 9999-99-99 99:99:99 x\n...\n" * 1000, b"005 (1.0.0) 0000-00-00 00:00:00 Job terminated.\n...\n",
])  # fmt: skip
def test_odd_events_in_job_logs_never_stop_a_load(copy: Copy, tmp_path: Path, line: bytes) -> None:
    folder = copy("dm_g_hold")
    for path in folder.glob("*.log"):
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2] + line + data[len(data) // 2 :])
    assert run("load", folder).exit_code == 0
    (tmp_path / "x.log").write_bytes(b"000 (1.0.0) 2026-11-21 21:00:00 Job submitted\n...\n" + line)
    run("load", tmp_path / "x.log")


# ---- long -----------------------------------------------------------------------------------------------------------

_LOADER = (
    "import re, resource, sys\nfrom pathlib import Path\nfrom stampede import pipeline\n"
    "print(sorted(pipeline.load([Path(sys.argv[1])], sys.argv[2]).problems))\n"
    # the most that getrusage tells of a process itself may be that of the one which started it, from before exec
    "own = int(re.search('VmHWM:\\\\s+(\\\\d+)', Path('/proc/self/status').read_text())[1])\n"
    "print(max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))\n"
)


def memory_of_load(path: Path, database: Path) -> tuple[str, int]:
    """The problems of a load in a process of its own, and the most memory (MB) that any process of it had."""
    found = subprocess.run(
        [sys.executable, "-c", _LOADER, str(path), f"sqlite:///{database}"], capture_output=True, text=True, check=True,
        timeout=_PATIENCE,
    )  # fmt: skip
    kinds, kilobytes = found.stdout.splitlines()
    return kinds, int(kilobytes) // 1024


def stretch(path: Path, size: int, letter: bytes = b"x") -> None:
    """A line of ``size`` bytes in the middle of a file."""
    data = path.read_bytes()
    cut = data.find(b"\n", len(data) // 2) + 1
    line = data[data.rfind(b"\n", 0, cut - 1) + 1 : cut - 1]
    with path.open("wb") as file:
        file.write(data[:cut] + line)
        for _ in range(size // _MEGABYTE):
            file.write(letter * _MEGABYTE)
        file.write(b"\n" + data[cut:])


@pytest.mark.slow
@pytest.mark.parametrize("letter", [b"x", b"{", b"\xff"])
@pytest.mark.parametrize("name", [
    "failing-0.dag.dagman.out", "failing-0.dag.nodes.log", "failing-0.log", "failing-0.static.bp", "failing-0.dag",
    "00/00/findrange_ID0000003.out.001", "00/00/findrange_ID0000003.err.001", "00/00/findrange_ID0000003.sub",
    "braindump.yml", "failing-0.dag.rescue001", "failing-0.dag.lib.out", "failing-0.dag.metrics",
])  # fmt: skip
def test_a_line_of_a_hundred_megabytes_takes_bounded_memory(
    copy: Copy, tmp_path: Path, name: str, letter: bytes
) -> None:
    folder = copy("pg_fail")
    stretch(folder / name, (100 if letter == b"x" else 15) * _MEGABYTE, letter)
    kinds, megabytes = memory_of_load(folder, tmp_path / "x.db")
    # a line of a DAG may have 256 MB, and is text and pieces of text for a moment
    assert megabytes < (600 if name == "failing-0.dag" else 500)
    if name == "failing-0.dag.dagman.out":
        assert "long_line" in kinds


@pytest.mark.slow
def test_an_event_file_of_one_line_takes_bounded_memory(copy: Copy, tmp_path: Path) -> None:
    file = copy("pg_fail") / "failing-0.static.bp"
    stretch(file, 100 * _MEGABYTE)
    _, megabytes = memory_of_load(file, tmp_path / "x.db")
    assert megabytes < 500


def test_what_follows_an_endless_line_is_read_at_its_place(copy: Copy, tmp_path: Path) -> None:
    folder = copy("dm_g_hold")
    log = folder / "dm_g_hold.dag.dagman.out"
    stretch(log, 5 * _MEGABYTE)
    url = f"sqlite:///{tmp_path}/x.db"
    loaded = pipeline.load([folder], url)
    assert loaded.problems["long_line"] == 1
    assert pipeline.load([folder], url).events == 0
    rows = sqlite3.connect(tmp_path / "x.db").execute("SELECT offset FROM source_position WHERE source LIKE '%.out'")
    assert rows.fetchone()[0] == log.stat().st_size + 1


# ---- databases ------------------------------------------------------------------------------------------------------


def test_a_database_that_is_none_is_refused_in_words(copy: Copy) -> None:
    folder = copy("dm_g_hold")
    file = Path(default_url(folder).removeprefix("sqlite:///"))
    for content in (b"no database at all" * 1000, b"SQLite format 3\0" + b"\xff" * 5000, b"SQLite format 3\0"):
        file.write_bytes(content)
        for verb in ("load", "status", "triage", "jobs"):
            assert run(verb, folder).exit_code == 4
    file.unlink()
    file.mkdir()
    for verb in ("load", "status"):
        assert run(verb, folder).exit_code == 4


def test_a_database_from_the_future_is_refused_in_words(copy: Copy) -> None:
    folder = copy("dm_g_hold")
    run("load", folder)
    connection = sqlite3.connect(default_url(folder).removeprefix("sqlite:///"))
    connection.execute("UPDATE stampede_meta SET value = '99' WHERE key = 'schema_version'")
    connection.commit()
    connection.close()
    for verb in ("load", "status", "triage", "jobs"):
        result = run(verb, folder)
        assert result.exit_code == 4
        assert "99" in result.output


def test_a_damaged_database_is_told_in_words(copy: Copy) -> None:
    folder = copy("dm_g_hold")
    run("load", folder)
    file = Path(default_url(folder).removeprefix("sqlite:///"))
    data = bytearray(file.read_bytes())
    for start in range(4096 + 200, len(data), 4096):
        data[start : start + 1500] = b"\xa5" * 1500
    file.write_bytes(data)
    for verb in ("status", "triage", "jobs", "load"):
        run(verb, folder)


# ---- terminals ------------------------------------------------------------------------------------------------------


def test_what_jobs_print_never_steers_the_terminal(copy: Copy) -> None:
    folder = copy("pg_fail")
    evil = b"\x1b]0;owned\x07\x1b[2J\x9b31m \xc2\x9b31m \xe2\x80\xae rm -rf"
    for path in [*folder.rglob("*.err.*"), *folder.rglob("*.out.*")]:
        path.write_bytes(path.read_bytes().replace(b"\n", evil + b"\n"))
    log = folder / "failing-0.dag.dagman.out"
    log.write_bytes(log.read_bytes().replace(b"findrange", b"find\x1b[5mrange\xc2\x9b1m"))
    for verb in (("load",), ("status",), ("triage",), ("jobs",), ("workflows",), ("triage", "-v")):
        result = run(*verb, folder)
        assert not set(result.output) & set("\x07\x1b\x9b\u202e"), verb
    for job in json.loads(run("jobs", folder, "--json").stdout)["jobs"]:
        result = run("show", job["job"], folder, "--full")
        assert not set(result.output) & set("\x07\x1b\x9b\u202e"), job["job"]
