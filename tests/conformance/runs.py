"""The recorded Pegasus runs, each with what the peer made of it and what we make of it."""

from __future__ import annotations

import gzip
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import msgspec

from bench import peer as peer_tools

ROOT = Path(__file__).resolve().parents[2]
#: our command line, as the interpreter of the tests has it
STAMPEDE = [sys.executable, "-c", "from stampede.cli.main import main; main()"]


class Case(msgspec.Struct, frozen=True):
    """One run: the recording, a working folder, the peer's database and ours."""

    run: Path
    folder: Path
    theirs: Path
    ours: Path
    submit: Path

    @property
    def in_progress(self) -> bool:
        return is_copy_of_running(self.run)


def is_copy_of_running(run: Path) -> bool:
    """The submit directory was copied while the workflow ran."""
    return "inprogress" in run.name


def recorded() -> list[Path]:
    """The Pegasus runs of the corpus; none when it is not here."""
    shared = Path(os.environ.get("STAMPEDE_SHARED", ROOT.parent / "shared"))
    return sorted(shared.glob("corpus/runs*/pg_*"))


def can_load() -> bool:
    """Our command line is there."""
    return importlib.util.find_spec("stampede.cli") is not None and (
        importlib.util.find_spec("stampede.cli.main") is not None
    )


def stampede(*words: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run our command line; the caller looks at the code."""
    command = [*STAMPEDE, *(os.fspath(word) for word in words)]
    # the zone must come from the files: the peer's database was written in the zone of the submit host
    env = {**os.environ, "TZ": "UTC", "PYTHONWARNINGS": "default"}
    return subprocess.run(command, capture_output=True, env=env, stdin=subprocess.DEVNULL, timeout=300, check=False)


def recorded_database(run: Path, target: Path) -> Path:
    """The database that the peer wrote while the workflow ran (the last one, if its daemon was started again)."""
    packed = [path for path in (run / "peer").glob("*.stampede.db.gz") if ".000." not in path.name]
    target.write_bytes(gzip.decompress(packed[0].read_bytes()))
    return target


def their_database(peer: peer_tools.Peer, run: Path, folder: Path) -> Path:
    """What the peer says of a run: the recorded database, or its replay of a copy of a running workflow.

    The peer writes in batches of up to 30 s, so that a database copied during the run lags behind the logs beside it.
    """
    target = folder / "theirs.db"
    if not is_copy_of_running(run):
        return recorded_database(run, target)
    copy = peer_tools.copy_submit(run / "submit", folder / "replayed", monitor_files=False)
    peer_tools.monitord_replay(peer, copy, target)
    return target


def load(run: Path, folder: Path) -> tuple[Path, Path]:
    """Our database of a run, loaded from a copy without anything that the peer's daemon left; and that copy."""
    submit = peer_tools.copy_submit(run / "submit", folder / "submit", monitor_files=False)
    target = folder / "ours.db"
    done = stampede("load", submit, "--db", f"sqlite:///{target}")
    assert done.returncode == 0, f"stampede load {run.name}: code {done.returncode}: {done.stderr.decode()[-2000:]}"
    return target, submit


def make(peer: peer_tools.Peer, run: Path, folder: Path) -> Case:
    """Both databases of a run."""
    ours, submit = load(run, folder)
    return Case(run, folder, their_database(peer, run, folder), ours, submit)
