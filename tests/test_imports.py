"""The architecture: who imports whom, and what a small question must not wait for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_the_import_contracts_hold() -> None:
    cli = pytest.importorskip("importlinter.cli")
    command = [
        sys.executable,
        "-c",
        "import sys; from importlinter.cli import lint_imports_command as c; c()",
        "--no-cache",
    ]
    assert cli
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "module, without",
    [
        ("stampede", ["msgspec", "sqlite3"]),
        ("stampede.query.status", ["stampede.events", "stampede.sources", "sqlalchemy", "rich", "yaml", "bson"]),
        ("stampede.pipeline", ["sqlalchemy", "rich", "bson"]),
        ("stampede.analysis.triage", ["stampede.sources", "stampede.events", "sqlalchemy"]),
    ],
)
def test_a_module_does_not_import_what_it_does_not_need(module: str, without: list[str]) -> None:
    code = f"import sys, {module}; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & set(without)


def test_a_question_never_loads_what_writes(tmp_path: Path) -> None:
    code = "import sys, stampede.query.job, stampede.query.health; assert 'stampede.store.loader' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], timeout=60, check=True, cwd=tmp_path)


def test_no_group_of_a_pattern_is_possessive() -> None:
    """Python before 3.11.5 matches ``(…)*+`` wrongly when the group can backtrack (CPython issue 106052)."""
    found = [
        f"{path.name}: {line.strip()}"
        for path in (ROOT / "src" / "stampede" / "sources").rglob("*.py")
        for line in path.read_text().splitlines()
        if re.search(r"\)[*+?]\+", line)
    ]
    assert found == []
