"""The command as a whole: help, errors, exit codes, and what it imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from stampede.cli.main import INTERNAL_ERROR, INTERRUPTED, VERBS, cli

from .conftest import Run


def stampede(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "stampede.cli.main", *arguments], capture_output=True, timeout=60, check=False, **options
    )


def commands() -> list[tuple[str, ...]]:
    return [(verb,) for verb in VERBS if verb != "db"] + [("db",), ("db", "check"), ("db", "rebuild-summaries")]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_help_of_every_verb_has_an_example(run: Run, command: tuple[str, ...]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Example:" in result.output
    assert f"stampede {' '.join(command)}" in result.output


def test_overview_names_every_verb(run: Run) -> None:
    output = run("--help").output
    assert all(f"  {verb} " in output for verb in VERBS)


def test_unknown_verb_is_wrong_use_and_names_the_nearest(run: Run) -> None:
    result = run("stauts")
    assert result.exit_code == 2
    assert "Did you mean stats or status?" in result.output
    assert "Did you mean triage?" in run("trige").output


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        (["load", "/no/such/place"], 3, "does not exist"),
        (["status", "/no/such/place"], 4, "no database"),
        (["status", "--db", "oracle://h/x"], 2, "no database that Stampede knows"),
        (["status", "--db", "sqlite:////no/such/file.db"], 4, "stampede load"),
        (["status", "--as-of", "yesterday"], 2, "RFC 3339"),
        (["load"], 2, "PATH"),
        (["events", "/no/such/place"], 3, "does not exist"),
        (["validate", "/no/such/place"], 3, "does not exist"),
        (["db", "check", "--db", "sqlite:////no/such/file.db"], 4, "no database"),
        (["db", "rebuild-summaries", "--db", "sqlite:////no/such/file.db"], 4, "no database"),
    ],
)
def test_errors_are_one_sentence_with_their_exit_code(run: Run, arguments: list[str], code: int, said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert said in result.stderr
    assert result.stdout == ""


def test_a_file_that_is_no_database_is_told_so(run: Run, tmp_path: Path) -> None:
    junk = tmp_path / "junk.db"
    junk.write_bytes(b"\x00\xff no database" * 100)
    result = run("status", "--db", f"sqlite:///{junk}")
    assert result.exit_code == 4
    assert "cannot be read as a database" in result.stderr


def test_control_characters_in_a_message_do_not_reach_the_terminal(run: Run) -> None:
    result = run("load", "/no/\x1b[31mred")
    assert "\x1b" not in result.output
    assert "\\x1b[31mred" in result.stderr


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make ``status`` raise."""

    def install(error: BaseException) -> None:
        @click.command()
        @click.option("-v", is_flag=True)
        def command(v: bool) -> None:
            from stampede.cli.options import VERBOSE

            VERBOSE.level = int(v)
            raise error

        monkeypatch.setattr("stampede.cli.status.status", command)

    return install


def test_a_defect_is_one_line_and_how_to_see_more(run: Run, broken: Any) -> None:
    broken(ZeroDivisionError("division by zero"))
    result = run("status")
    assert result.exit_code == INTERNAL_ERROR
    assert "ZeroDivisionError: division by zero" in result.stderr
    assert "-v" in result.stderr


def test_verbose_shows_the_traceback_of_a_defect(broken: Any) -> None:
    broken(ZeroDivisionError("division by zero"))
    result = click.testing.CliRunner().invoke(cli, ["status", "-v"])
    assert result.exit_code == INTERNAL_ERROR
    assert "Traceback" in result.stderr


def test_interrupted_is_130(run: Run, broken: Any) -> None:
    broken(KeyboardInterrupt())
    assert run("status").exit_code == INTERRUPTED


def test_a_closed_pipe_is_quiet(corpus: Path) -> None:
    command = [sys.executable, "-m", "stampede.cli.main", "events", str(corpus / "pg_fail")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(10).startswith(b"ts=")
        process.stdout.close()
        said = process.stderr.read()
        process.wait(60)
    assert b"Traceback" not in said
    assert b"BrokenPipe" not in said


HEAVY = {"rich", "sqlalchemy", "yaml", "bson", "stampede.pipeline", "stampede.sources", "stampede.events"}


@pytest.mark.parametrize("arguments", [["--help"], ["status", "--json"]], ids=["help", "status"])
def test_what_a_program_asks_imports_nothing_heavy(databases: dict[str, str], arguments: list[str]) -> None:
    script = (
        "import sys\nfrom stampede.cli.main import cli\n"
        "try: cli(sys.argv[1:])\nexcept SystemExit: pass\n"
        "sys.stderr.write(' '.join(sys.modules))"
    )
    environment = {**os.environ, "STAMPEDE_DB": databases["pg_fail"]}
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, timeout=60, check=True, env=environment
    )
    loaded = set(done.stderr.decode().split())
    assert not loaded & HEAVY
    if arguments == ["--help"]:
        assert not {m for m in loaded if m.removeprefix("stampede.cli.") in VERBS}


def test_the_installed_command_answers_in_a_process_of_its_own(databases: dict[str, str]) -> None:
    done = stampede("status", "--db", databases["dm_g_hold"], "--json")
    assert done.stderr == b""
    assert done.stdout.startswith(b"{")
    assert done.returncode == 1


def test_plain_ascii_terminals_get_ascii(databases: dict[str, str]) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = stampede("status", "--db", databases["dm_e_subdag"], env=environment)
    assert done.stderr == b""
    assert b"####" in done.stdout
