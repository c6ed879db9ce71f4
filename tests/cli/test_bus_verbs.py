"""``publish``, ``consume``, ``subscribe`` and ``watch --bus``, as a user has them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from same import differences
from serving import free_port

from stampede import pipeline
from stampede.query import open_database


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))
    for name in ("STAMPEDE_BUS", "STAMPEDE_DB"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"file://{tmp_path / 'bus'}"


def _words(*words: object) -> list[str]:
    return [sys.executable, "-m", "stampede.cli.main", *map(str, words)]


def _run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_words(*words), capture_output=True, text=True, timeout=90, check=False)


@contextmanager
def _running(*words: object) -> Iterator[subprocess.Popen[str]]:
    one = subprocess.Popen(_words(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield one
    finally:
        if one.poll() is None:
            one.terminate()
        one.communicate(timeout=60)


def _await(path: Path) -> None:
    until = time.monotonic() + 60
    while not (path.is_dir() and any(path.iterdir())):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_what_is_published_and_consumed_is_as_if_loaded(corpus: Path, tmp_path: Path, url: str) -> None:
    sent = _run("publish", corpus / "pg_fail", "--bus", url)
    assert (sent.returncode, sent.stderr) == (0, "")
    assert " ".join(sent.stdout.split()).endswith(f"252 events read, all taken by {url}.")
    figures = tmp_path / "bus.prom"
    done = _run("consume", "--bus", url, "--db", f"sqlite:///{tmp_path / 'in.sqlite'}", "--until-idle", "2", "--json",
                "--metrics", figures)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    standing = json.loads(done.stdout.splitlines()[-1])
    assert (standing["events"], standing["messages"], standing["buried"], standing["gaps"]) == (252, 1, 0, 0)
    assert standing["by_event"]["stampede.xwf.end"] == 1
    assert 'stampede_bus_events_total{event="stampede.xwf.end"} 1\n' in figures.read_text()
    assert figures.read_text().endswith("# EOF\n")
    pipeline.load([corpus / "pg_fail"], f"sqlite:///{tmp_path / 'direct.sqlite'}")
    assert differences(tmp_path / "direct.sqlite", tmp_path / "in.sqlite") == {}


def test_parts_have_databases_of_their_own_that_hold_all_runs_together(corpus: Path, tmp_path: Path, url: str) -> None:
    runs = [corpus / name for name in ("pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue")]
    pipeline.load(runs, f"sqlite:///{tmp_path / 'direct.sqlite'}")
    assert _run("publish", *runs, "--bus", url).returncode == 0
    found: list[set[str]] = []
    for part in ("1/2", "2/2"):
        db = f"sqlite:///{tmp_path / part[0]}.sqlite"
        done = _run("consume", "--bus", url, "--db", db, "--part", part, "--until-idle", "1")
        assert (done.returncode, done.stderr) == (0, "")
        with open_database(db) as reader:
            found.append({uuid for (uuid,) in reader.rows("SELECT wf_uuid FROM workflow")})
    with open_database(f"sqlite:///{tmp_path / 'direct.sqlite'}") as reader:
        assert found[0] | found[1] == {uuid for (uuid,) in reader.rows("SELECT wf_uuid FROM workflow")}
    assert not found[0] & found[1]


@pytest.mark.parametrize("part", ["0/2", "3/2", "1", "a/b", "1/65", "", "1/2/3"])
def test_what_is_no_part_is_refused(tmp_path: Path, url: str, part: str) -> None:
    done = _run("consume", "--bus", url, "--db", f"sqlite:///{tmp_path / 'x.sqlite'}", "--part", part)
    assert done.returncode == 2
    assert "is no part" in done.stderr
    assert not (tmp_path / "x.sqlite").exists()


def test_published_again_nothing_is_sent_twice(corpus: Path, url: str) -> None:
    _run("publish", corpus / "pg_fail", "--bus", url)
    again = _run("publish", corpus / "pg_fail", "--bus", url, "--json")
    assert json.loads(again.stdout)["paths"][0]["events"] == 0


def test_without_a_bus_events_wait_and_the_next_publish_goes_on(corpus: Path, tmp_path: Path) -> None:
    url = f"unix://{tmp_path / 's'}"
    sent = _run("publish", corpus / "pg_fail", "--bus", url, "--timeout", "1", "--json")
    assert sent.returncode == 4
    (one,) = json.loads(sent.stdout)["paths"]
    assert (one["events"], one["waiting"]) == (252, 252)
    assert "cannot be reached" in one["trouble"]
    with _running("consume", "--bus", url, "--db", f"sqlite:///{tmp_path / 'in.sqlite'}"):
        again = _run("publish", corpus / "pg_fail", "--bus", url, "--json")
    assert (again.returncode, json.loads(again.stdout)["paths"][0]["waiting"]) == (0, 0)


def test_a_subscriber_hears_what_it_asked_for(corpus: Path, tmp_path: Path, url: str) -> None:
    heard = tmp_path / "heard"
    with _running("subscribe", "job_inst.main.*", "--where", "exitcode!=0,null", "--format", "jsonl", "--count", "1",
                  "--bus", url, "-o", heard) as one:  # fmt: skip
        _await(tmp_path / "bus" / "subscribers")
        time.sleep(0.2)
        _run("publish", corpus / "pg_fail", "--bus", url)
        assert one.wait(60) == 0
    (line,) = heard.read_text().splitlines()
    assert json.loads(line)["event"].startswith("stampede.job_inst.main.")
    assert json.loads(line)["exitcode"] != 0


def test_a_command_gets_the_events_and_its_failure_is_told(corpus: Path, tmp_path: Path, url: str) -> None:
    command = f"{sys.executable} -c \"import sys; open('{tmp_path}/got','w').write(sys.stdin.readline()); sys.exit(3)\""
    with _running("subscribe", "#", "--level", "workflow", "--exec", command, "--count", "3", "--bus", url) as one:
        _await(tmp_path / "bus" / "subscribers")
        time.sleep(0.2)
        _run("publish", corpus / "pg_fail", "--bus", url)
        assert one.wait(60) == 1
    assert "event=stampede.wf.plan" in (tmp_path / "got").read_text()


def test_watch_publishes_beside_its_database(corpus: Path, tmp_path: Path, url: str) -> None:
    seen, come = tmp_path / "watched.sqlite", tmp_path / "in.sqlite"
    done = _run("watch", corpus / "pg_fail", "--db", f"sqlite:///{seen}", "--bus", url, "--json")
    assert done.returncode == 1, done.stderr  # the workflow failed
    _run("consume", "--bus", url, "--db", f"sqlite:///{come}", "--until-idle", "2")
    assert differences(seen, come) == {}


def test_figures_on_a_port(tmp_path: Path, url: str) -> None:
    port = free_port()
    with _running("consume", "--bus", url, "--db", f"sqlite:///{tmp_path / 'in.sqlite'}", "--metrics", port):
        until = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                    text = answer.read().decode()
                break
            except OSError:
                assert time.monotonic() < until
                time.sleep(0.1)
    assert 'stampede_bus_messages_total{outcome="stored"} 0' in text


def test_what_was_put_aside_is_listed_and_published_again(tmp_path: Path, url: str) -> None:
    from stampede.bus import Message, open_bus

    publisher = open_bus(url).publisher()
    publisher.publish([Message(key="stampede.batch.r", source="s", root="r", first=1, coding="rot13", body=b"x")])
    database = f"sqlite:///{tmp_path / 'in.sqlite'}"
    done = _run("consume", "--bus", url, "--db", database, "--until-idle", "1.5")
    assert "1 put aside" in done.stdout
    listed = _run("consume", "--bus", url, "--buried")
    assert (listed.returncode, listed.stdout) == (0, "s/r from 1: it is packed as 'rot13', which nobody knows\n")
    assert json.loads(_run("consume", "--bus", url, "--revive", "--json").stdout)["revived"] == 1
    assert _run("consume", "--bus", url, "--buried").stdout == "Nothing was put aside.\n"


@pytest.mark.parametrize(
    "words, code, said",
    [
        (("publish", "x", "--bus", "http://h"), 2, "is no bus"),
        (("publish", "/nowhere", "--bus", "file:///tmp/x-{}"), 3, "does not exist"),
        (("publish", "x", "--bus", "memory://a", "--format", "bp"), 2, "--single"),
        (("consume", "--bus", "memory://a"), 2, "Which database?"),
        (("consume",), 2, "Missing option '--bus'"),
        (("subscribe", "a..b", "--bus", "memory://a"), 2, "is no pattern"),
        (("subscribe", "#", "--where", "colour=red", "--bus", "memory://a"), 2, "is no column"),
        (("subscribe", "#", "--exec", "/nowhere", "--bus", "memory://a"), 3, "cannot be used"),
        (("watch", ".", "--bus", "amqp://h/a/b/c"), 2, "An AMQP bus is"),
        (("consume", "--bus", "unix:///nowhere/s", "--db", "sqlite:////tmp/none-{}.db", "--until-idle", "0.3"), 4,
         "0 events"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path, words: tuple[str, ...], code: int, said: str) -> None:
    done = _run(*(w.replace("{}", tmp_path.name) for w in words))
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert said in done.stderr + done.stdout
