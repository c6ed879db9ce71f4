"""Runs of the command, and databases of the recorded runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click.testing
import pytest

from stampede.cli.main import cli

Run = Callable[..., click.testing.Result]


@pytest.fixture(autouse=True)
def _own_world(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the databases of the user, a terminal, or the user's clock."""
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path_factory.mktemp("state")))
    monkeypatch.delenv("STAMPEDE_DB", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.chdir(tmp_path_factory.mktemp("nowhere"))


@pytest.fixture
def run() -> Run:
    """The command in this process; a traceback that would reach the user fails the test."""

    def invoke(*arguments: str) -> click.testing.Result:
        result = click.testing.CliRunner().invoke(cli, [str(a) for a in arguments], prog_name="stampede")
        assert "Traceback" not in result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return invoke


@pytest.fixture
def ask(run: Run) -> Callable[..., Any]:
    """The JSON that a verb answers, whatever its exit code."""

    def invoke(*arguments: str) -> Any:
        return json.loads(run(*arguments, "--json").stdout)

    return invoke


@pytest.fixture(scope="session")
def databases(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The URL of a database of each recorded run."""
    from stampede import pipeline

    folder = tmp_path_factory.mktemp("databases")
    urls = {}
    for name in ("pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"):
        urls[name] = f"sqlite:///{folder / name}.db"
        pipeline.load([corpus / name], urls[name])
    return urls


@pytest.fixture
def submit_dir(corpus: Path, tmp_path: Path) -> Path:
    """A copy of a recorded run that may be written to."""
    return Path(shutil.copytree(corpus / "dm_g_hold", tmp_path / "run"))
