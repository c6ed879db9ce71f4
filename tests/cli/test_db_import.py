"""``stampede db import``: what it says, and how it ends."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from stampede.cli.main import cli
from tests.query.foreign.theirs import master, pegasus_3

PACKED = Path(__file__).parents[1] / "importing" / "data" / "failing-0.stampede.db.gz"


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    path = tmp_path / "run" / "failing-0.stampede.db"
    path.parent.mkdir()
    path.write_bytes(gzip.decompress(PACKED.read_bytes()))
    return path


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["db", "import", *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_it_tells_what_was_imported_and_finds_it_by_name_afterwards(failing: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ours.sqlite"
    code, out, _ = run(str(failing.parent), "--db", url)
    assert code == 0
    assert "failing-0.stampede.db: 164 events imported." in " ".join(out.split())
    assert "failing (4c58fd30): failed, 6 of 14 done, 1 failed, 7 can never run" in out
    code, out, _ = run(str(failing), "--db", url)
    assert (code, "0 events imported, 164 were there already" in " ".join(out.split())) == (0, True)
    done = CliRunner().invoke(cli, ["status", "failing", "--json"])
    assert json.loads(done.stdout)["workflows"][0]["nodes"]["done"] == 6


def test_json_has_all_of_it(failing: Path, tmp_path: Path) -> None:
    own = pegasus_3(tmp_path / "old.stampede.db")
    master(tmp_path / "workflow.db", own, old=False)
    code, out, err = run(str(failing), str(tmp_path / "workflow.db"), "/nowhere", "--db",
                         f"sqlite:///{tmp_path}/ours.sqlite", "--json")  # fmt: skip
    answer = json.loads(out)
    assert code == 0
    assert [(i["events"], i["known_events"], len(i["imported"])) for i in answer["imports"]] == [
        (164, 0, 1), (40, 0, 1), (4, 0, 1),
    ]  # fmt: skip
    assert answer["imports"][1]["listed_by"].endswith("workflow.db")
    assert [(m["label"], m["why"]) for m in answer["missing"]] == [("gone", "is not there")]
    assert len(answer["errors"]) == 1
    assert "/nowhere" in err


def test_it_ends_with_a_code_that_says_why(failing: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ours.sqlite"
    assert run(str(failing))[0] == 2
    assert run("/nowhere", "--db", url)[0] == 3
    assert run(str(failing), "--db", "sqlite:////proc/no/such.db")[0] == 4
    assert run("postgresql://127.0.0.1:1/pegasus", "--db", url)[0] == 4
    assert run("--help")[0] == 0


def test_a_run_that_was_loaded_is_left_alone_and_that_is_said(failing: Path, corpus: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ours.sqlite"
    CliRunner().invoke(cli, ["load", str(corpus / "pg_fail"), "--db", url])
    code, out, _ = run(str(failing), "--db", url)
    assert (code, "left alone: 1 workflow" in out) == (0, True)
