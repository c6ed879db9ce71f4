"""``stampede push`` against a real server: what arrives is what a load on the spot gives, whatever is killed or cut."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from same import differences
from sent import run
from serving import Server, free_port

from pushing.netns import cable
from stampede import emit, pipeline
from stampede.pushing import Push, Target


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("STAMPEDE_DB", raising=False)


def _command(*words: object) -> list[str]:
    return [sys.executable, "-m", "stampede.cli.main", "push", *map(str, words)]


def _push(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_command(*words), capture_output=True, text=True, timeout=60, check=False)


def _direct(tmp_path: Path, path: Path) -> Path:
    database = tmp_path / "direct.sqlite"
    pipeline.load([path], f"sqlite:///{database}")
    return database


def _settled(database: Path, direct: Path, seconds: float = 5.0) -> dict[str, Any]:
    """What differs, once the server has judged what it got."""
    until = time.monotonic() + seconds
    while (found := differences(direct, database)) and time.monotonic() < until:
        time.sleep(0.2)
    return found


@pytest.mark.parametrize("name", ["dm_c_rescue", "dm_e_subdag", "dm_g_hold", "pg_fail"])
@pytest.mark.parametrize("options", [(), ("--follow",)])
def test_a_pushed_run_is_as_if_loaded(corpus: Path, tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    database = tmp_path / "in.sqlite"
    with Server(databases=[f"sqlite:///{database}"]) as server:
        done = _push(corpus / name, server.url, "--json", *options)
        assert (done.returncode, done.stderr) == (0, "")
        (sent,) = json.loads(done.stdout)["paths"]
        assert sent["events"] > 100
        assert sent["waiting"] == 0
        assert _settled(database, _direct(tmp_path, corpus / name)) == {}


def test_pushed_again_nothing_is_sent_twice(corpus: Path, tmp_path: Path) -> None:
    with Server(databases=[f"sqlite:///{tmp_path / 'in.sqlite'}"]) as server:
        _push(corpus / "pg_fail", server.url)
        again = _push(corpus / "pg_fail", server.url, "--json")
    assert json.loads(again.stdout)["paths"][0]["events"] == 0


def test_without_a_server_it_says_so_and_the_next_push_goes_on(corpus: Path, tmp_path: Path) -> None:
    port, database = free_port(), tmp_path / "in.sqlite"
    url = f"http://127.0.0.1:{port}"
    done = _push(corpus / "dm_g_hold", url, "--timeout", "0.5")
    assert done.returncode == 4
    assert "cannot be reached" in done.stderr
    with Server(databases=[f"sqlite:///{database}"], port=port):
        again = _push(corpus / "dm_g_hold", url, "--json")
        assert again.returncode == 0
        assert json.loads(again.stdout)["paths"][0]["events"] == 0  # they were in the spool
        assert _settled(database, _direct(tmp_path, corpus / "dm_g_hold")) == {}


@pytest.mark.parametrize(
    "words", [("x",), ("http://127.0.0.1:1",), (".", "http://a:1", "http://b:2"), (".", "--to", "b:2")]
)
def test_wrong_use_ends_with_2(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STAMPEDE_SERVER", raising=False)
    assert _push(*words).returncode == 2


def test_what_is_not_there_ends_with_3(tmp_path: Path) -> None:
    assert _push(tmp_path / "nothing", "http://127.0.0.1:1", "--timeout", "1").returncode == 3


def test_the_spool_of_a_program_that_ended_is_sent(tmp_path: Path) -> None:
    database = tmp_path / "in.sqlite"
    with emit.Emitter("http://127.0.0.1:9", source="gone", spool=tmp_path / "left") as e:
        e.workflow(label="w")
        e.close(0)
    with Server(databases=[f"sqlite:///{database}"]) as server:
        done = _push(tmp_path / "left", server.url)
        assert (done.returncode, done.stderr) == (0, "")
        assert server.ask("GET", "/api/v1/workflows")[1]["items"][0]["label"] == "w"


def test_killed_on_both_sides_while_a_run_goes_on(corpus: Path, tmp_path: Path) -> None:
    """The log grows, the push is killed, the server is killed, again and again: nothing is lost, nothing doubled."""
    source, database = corpus / "dm_e_subdag", tmp_path / "in.sqlite"
    folder = tmp_path / "run"
    shutil.copytree(source, folder)
    log = folder / "dm_e_subdag.dag.dagman.out"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:60]))
    chance = random.Random(3)
    with Server(databases=[f"sqlite:///{database}"]) as server:
        for at in range(60, len(lines), (len(lines) - 60) // 5 + 1):
            push = subprocess.Popen(_command(folder, server.url, "--follow"), stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0.4, 1.0))
            with open(log, "ab") as file:
                file.write(b"".join(lines[at : at + (len(lines) - 60) // 5 + 1]))
            time.sleep(chance.uniform(0.0, 0.2))
            if chance.random() < 0.6:
                server.kill()
                server.start()
            os.kill(push.pid, signal.SIGKILL)
            push.wait()
        done = _push(folder, server.url, "--follow")
        assert done.returncode == 0, done.stderr
        assert _settled(database, _direct(tmp_path, folder)) == {}


def test_a_server_that_lost_its_database_gets_everything_again(tmp_path: Path) -> None:
    file, one, two = tmp_path / "run.jsonl", tmp_path / "one.sqlite", tmp_path / "two.sqlite"
    lines = run(60)
    file.write_bytes(b"\n".join(lines[:150]) + b"\n")
    server = Server(databases=[f"sqlite:///{one}"])
    with server:
        target = Target(url=server.url, retry_s=0.3, most_bytes=40_000)
        with Push([file], target) as push:
            push.once()
        server.kill()
        server.settings["databases"] = [f"sqlite:///{two}"]
        server.start()
        file.write_bytes(b"\n".join(lines) + b"\n")
        with Push([file], target) as push:
            push.once()
        assert _settled(two, _direct(tmp_path, file)) == {}


def test_a_network_that_is_cut_only_delays(tmp_path: Path) -> None:
    """In network namespaces: the cable is pulled in the middle of an upload, three times."""
    file, database = tmp_path / "run.jsonl", tmp_path / "in.sqlite"
    file.write_bytes(b"\n".join(run(6_000)) + b"\n")
    with cable() as link:
        server = Server(prefix=link.server, host=link.server_address, databases=[f"sqlite:///{database}"])
        with server:
            push = subprocess.Popen([*link.client, *_command(file, server.url)])
            for pause in (0.5, 0.9, 0.4):
                time.sleep(pause)
                link.cut()
                time.sleep(0.8)
                link.mend()
            assert push.wait(60) == 0
            assert _settled(database, _direct(tmp_path, file), 15) == {}
