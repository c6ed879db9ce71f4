"""``top``: what it is without a terminal, which databases it watches, and that it starts and ends on a terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stampede.places import default_url

from .conftest import Run

Ask = Callable[..., Any]


def test_without_a_terminal_it_prints_the_first_screen(run: Run, databases: dict[str, str]) -> None:
    result = run("top", "--db", databases["dm_e_subdag"])
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0].split()[:3] == ["WORKFLOW", "STATE", "PROGRESS"]
    assert len(lines) == 6
    assert "✓ success" in lines[1]
    assert any("└── deepest" in line for line in lines)
    assert run("top", "--once", "--db", databases["dm_e_subdag"]).output.split()[:8] == result.output.split()[:8]


@pytest.mark.parametrize("columns", ["60", "80", "100", "200"])
def test_no_line_is_wider_than_asked_for(
    run: Run, databases: dict[str, str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for name in databases:
        assert max(map(len, run("top", "--db", databases[name]).output.splitlines())) <= int(columns)


def test_json_has_what_status_has_and_more(ask: Ask, databases: dict[str, str]) -> None:
    url = databases["dm_e_subdag"]
    flows = ask("top", "--db", url)["workflows"]
    told = {w["wf_uuid"]: w for w in ask("status", "--db", url)["workflows"]}
    for one in told.values():
        one.pop("forecast", None)  # the risk of failure is not told in passing: a screen asks again and again
    more = {"database", "nodes_per_min", "hold_reason", "halt_reason", "failed_job"}
    assert {w["wf_uuid"]: {k: v for k, v in w.items() if k not in more} for w in flows} == told
    assert all(w["database"] == url and more <= w.keys() for w in flows)


def test_workflows_of_several_folders_are_one_list(run: Run, ask: Ask, corpus: Path, tmp_path: Path) -> None:
    import shutil

    folders = [Path(shutil.copytree(corpus / name, tmp_path / name)) for name in ("dm_c_rescue", "dm_g_hold")]
    for folder in folders:
        run("load", str(folder))
    found = ask("top", *map(str, folders))["workflows"]
    assert {w["label"] for w in found} == {"dm_c_rescue", "dm_g_hold"}
    assert {w["database"] for w in found} == {default_url(folder) for folder in folders}


def test_without_a_name_it_is_the_current_directory(
    run: Run, ask: Ask, submit_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("load", str(submit_dir))
    monkeypatch.chdir(submit_dir)
    assert [w["label"] for w in ask("top")["workflows"]] == ["dm_g_hold"]


def test_with_nothing_to_watch_it_says_how_to_begin(run: Run) -> None:
    result = run("top")
    assert result.exit_code == 4
    assert "There is nothing to watch" in result.stderr
    assert "stampede load SUBMIT_DIR" in result.stderr


def test_a_database_that_is_not_there_and_a_name_that_is_unknown_end_in_a_sentence(
    run: Run, databases: dict[str, str], tmp_path: Path
) -> None:
    result = run("top", "--db", f"sqlite:///{tmp_path}/none.db")
    assert (result.exit_code, result.output.count("\n")) == (4, 1)
    assert "There is no database" in result.stderr
    result = run("top", "nobody", "--db", databases["pg_fail"])
    assert result.exit_code == 2
    assert "nobody" in result.stderr


def test_a_fault_beside_what_can_be_read_is_a_line_of_the_table(
    run: Run, ask: Ask, submit_dir: Path, databases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from stampede.cli import top

    broken = submit_dir / "broken.db"
    broken.write_bytes(b"no database" * 100)
    monkeypatch.setattr(top, "_everything", lambda: [databases["pg_fail"], f"sqlite:///{broken}"])
    assert "broken.db cannot be read as a database: file is not a database." in " ".join(run("top").output.split())
    answer = ask("top")
    assert [w["label"] for w in answer["workflows"]] == ["failing"]
    assert [f["database"] for f in answer["faults"]] == [f"sqlite:///{broken}"]


# ---- on a terminal --------------------------------------------------------------------------------------------------


class Terminal:
    """The command on a terminal of its own."""

    def __init__(self, *arguments: str, path: Path | None = None) -> None:
        own, theirs = pty.openpty()
        env = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(path or "")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "stampede.cli.main", *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=env
        )
        os.close(theirs)
        self._own = own
        self.output = b""

    def until(self, text: bytes, most_s: float = 30.0) -> None:
        """Wait until the text has been written."""
        end = time.monotonic() + most_s
        while text not in self.output:
            assert time.monotonic() < end, self.output[-2000:]
            self._read(0.2)

    def _read(self, wait_s: float) -> None:
        if select.select([self._own], [], [], wait_s)[0]:
            try:
                self.output += os.read(self._own, 65536)
            except OSError:  # nobody has the other end any more
                time.sleep(wait_s)

    def press(self, keys: bytes) -> None:
        os.write(self._own, keys)

    def end(self, most_s: float = 20.0) -> int:
        """Wait for its end; its exit code."""
        end = time.monotonic() + most_s
        while self._process.poll() is None:
            assert time.monotonic() < end, self.output[-2000:]
            self._read(0.1)
        self._read(0.1)
        os.close(self._own)
        return self._process.returncode


@pytest.mark.parametrize("key", [b"q", b"\x03"], ids=["q", "Ctrl-C"])
def test_on_a_terminal_it_draws_and_gives_the_terminal_back(databases: dict[str, str], key: bytes) -> None:
    pytest.importorskip("textual")
    terminal = Terminal("top", "--db", databases["pg_fail"])
    terminal.until(b"failing")
    terminal.press(key)
    assert terminal.end() == 0
    assert b"\x1b[?1049h" in terminal.output
    assert b"\x1b[?1049l" in terminal.output
    assert b"Traceback" not in terminal.output


def test_without_textual_it_says_what_to_install(databases: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "textual.py").write_text("raise ModuleNotFoundError('No module named textual', name='textual')\n")
    terminal = Terminal("top", "--db", databases["pg_fail"], path=tmp_path)
    assert terminal.end() == 2
    said = " ".join(terminal.output.decode().split())
    assert "pip install 'stampede-wf[tui]'" in said
    assert said.startswith("stampede: The terminal screen needs textual")
    assert "Traceback" not in said
