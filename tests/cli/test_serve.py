"""``stampede serve``: what it refuses, how it goes into the background, is found and ends; its tokens and passwords."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import click.testing
import pytest

from stampede.cli.main import cli
from stampede.query import open_database
from stampede.service.guard.passwords import read_line

from .conftest import Run

COMMAND = [sys.executable, "-m", "stampede.cli.main", "serve"]


def test_an_address_that_others_reach_needs_a_credential(run: Run) -> None:
    for host in ("0.0.0.0", "::"):
        refused = run("serve", "--host", host)
        assert refused.exit_code == 2
        assert "stampede serve token create" in refused.stderr


@pytest.mark.parametrize("arguments, code, said", [
    (["--host", "no.such.host.invalid"], 2, "no address"),
    (["--tls-certificate", "x.pem"], 2, "--tls-key"),
    (["--tls-certificate", "x.pem", "--tls-key", "y.pem"], 3, "x.pem"),
    (["--passwords", "nothing"], 3, "nothing"),
    (["--trust-proxy", "here"], 2, "'here'"),
    (["--user-header", "X-User"], 2, "--trust-proxy"),
    (["--admin", "ada"], 2, "--user-header"),
    (["--db", "nonsense"], 2, "nonsense"),
    (["--intake", "nonsense"], 2, "nonsense"),
    (["nothing/there"], 4, "nothing/there"),
])  # fmt: skip
def test_what_cannot_be_served_is_refused_with_a_sentence(run: Run, arguments: list[str], code: int, said: str) -> None:
    refused = run("serve", *arguments, "--port", "0")
    assert (refused.exit_code, said in refused.stderr) == (code, True), refused.stderr


def test_a_port_that_is_taken_says_by_whom(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = run("serve", "--port", taken.getsockname()[1])
    assert refused.exit_code == 4
    assert f"is taken by process {os.getpid()}" in refused.stderr
    assert "--port" in refused.stderr


def test_in_the_background_it_is_listed_and_stopped(databases: dict[str, str]) -> None:
    def said(*arguments: str) -> Any:
        done = subprocess.run([*COMMAND, *arguments, "--json"], capture_output=True, timeout=60, check=True)
        return json.loads(done.stdout)

    told = said("--detach", "--port", "0", "--db", databases["dm_g_hold"])
    listed = said("list")["services"]
    assert [(s["url"], s["log"], s["databases"]) for s in listed] == [
        (told["url"], told["log"], [databases["dm_g_hold"]])
    ]
    with urllib.request.urlopen(f"{told['url']}/api/v1/workflows", timeout=20) as answer:
        assert len(json.load(answer)["items"]) == 1
    assert said("stop")["stopped"] == [listed[0]["pid"]]
    assert said("list") == {"services": []}


def test_events_go_to_the_database_that_is_named_for_them(databases: dict[str, str], tmp_path: Path) -> None:
    before = Path(databases["dm_g_hold"].removeprefix("sqlite:///")).read_bytes()
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", "--json", "--db", databases["dm_g_hold"], "--intake", "sqlite:///in.db"],
        stdout=subprocess.PIPE, cwd=tmp_path,
    )  # fmt: skip
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"]
    body = b'{"event":"stampede.xwf.start","ts":5,"xwf_id":"u","restart_count":0}\n'
    sent = urllib.request.Request(f"{url}/api/v1/events", body, {"Stampede-Source": "a", "Stampede-Sequence": "1"})
    with urllib.request.urlopen(sent, timeout=20) as answer:
        assert json.load(answer)["stored"] == 1
    process.terminate()
    process.communicate(timeout=30)
    with open_database(f"sqlite:///{tmp_path / 'in.db'}") as reader:
        assert reader.rows("SELECT wf_uuid FROM workflow") == [("u",)]
    assert Path(databases["dm_g_hold"].removeprefix("sqlite:///")).read_bytes() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_well_when_it_is_told_to(databases: dict[str, str], number: int) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", "--json", "--db", databases["dm_g_hold"]], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"]
    with urllib.request.urlopen(f"{url}/healthz", timeout=20) as answer:
        assert answer.status == 200
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, b"Traceback" in said) == (0, False), said


def test_tokens_are_made_listed_and_revoked(run: Run, ask: Any) -> None:
    made = ask("serve", "token", "create", "--user", "ada", "--right", "write", "--expires", "2h", "--note", "laptop")
    assert made["token"].startswith(f"stp_{made['id']}_")
    plain = run("serve", "token", "create", "--right", "monitor", "--expires", "never")
    assert plain.stdout.startswith("stp_"), "the token alone is on stdout"
    listed = ask("serve", "token", "list")["tokens"]
    assert [(t["user"], t["right"], t["note"]) for t in listed] == [("ada", "write", "laptop"), (None, "monitor", "")]
    assert made["token"][13:] not in json.dumps(listed)
    assert "laptop" in run("serve", "token", "list").stdout
    assert ask("serve", "token", "revoke", made["id"]) == {"revoked": made["id"]}
    assert run("serve", "token", "revoke", made["id"]).exit_code == 2
    assert run("serve", "token", "create", "--expires", "soon").exit_code == 2


def test_a_password_becomes_a_line_that_it_fits(tmp_path: Path) -> None:
    invoke = click.testing.CliRunner().invoke
    printed = invoke(cli, ["serve", "password", "ada", "--right", "write"], input="secret\n")
    entry = read_line(printed.stdout.strip())
    assert (entry.user, entry.right, entry.fits("secret"), entry.fits("Secret")) == ("ada", "write", True, False)
    file = tmp_path / "passwords"
    file.write_text(f"# ours\n{entry.line()}\n")
    invoke(cli, ["serve", "password", "ada", "--file", str(file)], input="other\n")
    lines = file.read_text().splitlines()
    assert (lines[0], len(lines), read_line(lines[1]).right) == ("# ours", 2, "read")
    assert invoke(cli, ["serve", "password", "a:b"], input="x\n").exit_code == 2
    assert invoke(cli, ["serve", "password", "ada"], input="\n").exit_code == 2
