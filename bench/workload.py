"""What is measured: generated submit directories and event streams of any size, with the row counts they must give.

Directories come from the generator that lies beside a development checkout (``../shared/bench/make_submit_dir.py``, or
below ``STAMPEDE_SHARED``): a small simulator of DAGMan that writes what Pegasus, DAGMan and kickstart leave, the same
for the same seed, and a ``DIR.truth.json`` with the rows that a correct loader must produce.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sqlite3
import sys
import uuid
from pathlib import Path

import msgspec

from bench.measure import Cost, run

ROOT = Path(__file__).resolve().parent.parent
#: bytes of a generated submit directory per job, rounded up (kickstart record, submit file, logs)
BYTES_PER_JOB = 24_000
#: one compute job in 50 fails and is tried again
MIX = ("--failure-rate", "0.02", "--retries", "2")


class UnavailableError(Exception):
    """Something that a measurement needs is not here; the message says what in one sentence."""


class Stampede(msgspec.Struct, frozen=True):
    """Our command line, as a user has it."""

    words: tuple[str, ...]

    def run(self, *words: str | Path, cwd: Path | None = None, ok: tuple[int, ...] = (0,)) -> Cost:
        """Run and measure a verb. Raises ``UnavailableError`` when it ends with another code than those in ``ok``."""
        try:
            cost = run([*self.words, *words], cwd=cwd, env={"TZ": "UTC"})
        except FileNotFoundError as error:
            raise UnavailableError(f"{self.words[0]} is not there: install the package or give --stampede.") from error
        if cost.code not in ok:
            raise UnavailableError(f"stampede {words[0]} ended with {cost.code}: {cost.last_line()}")
        return cost

    def load(self, source: Path, db: Path) -> Cost:
        """``stampede load`` into a new SQLite file."""
        db.unlink(missing_ok=True)
        return self.run("load", source, "--db", f"sqlite:///{db}")


def stampede(words: str | None) -> Stampede:
    """The command line given, or the one installed beside this interpreter, or the first on the path."""
    if words:
        return Stampede(tuple(shlex.split(words)))
    beside = Path(sys.executable).with_name("stampede")
    return Stampede((str(beside) if beside.exists() else shutil.which("stampede") or "stampede",))


def generator() -> Path:
    """The generator of submit directories. Raises ``UnavailableError`` when it is not here."""
    shared = Path(os.environ.get("STAMPEDE_SHARED", ROOT.parent / "shared"))
    script = shared / "bench" / "make_submit_dir.py"
    if not script.is_file():
        raise UnavailableError(f"The generator of submit directories is not at {script}: set STAMPEDE_SHARED.")
    return script


def cut_log(folder: Path, share: float) -> int:
    """Cut the dagman.out of a submit directory to a share of its bytes; how many jobs have ended by then."""
    log = next(folder.glob("*.dagman.out"))
    end = int(log.stat().st_size * share)
    ended = kept = 0
    with log.open("rb") as lines:  # line by line: what is in memory here counts as the child's
        for line in lines:
            kept += len(line)
            ended += b"POST Script of " in line
            if kept >= end:
                break
    os.truncate(log, kept)
    return ended


def submit_dir(target: Path, jobs: int, seed: int = 1) -> Path:
    """A finished workflow of that many jobs in the folder ``target``, made anew; each seed makes another one."""
    made = run([sys.executable, generator(), target, "--jobs", str(jobs), "--seed", str(seed), *MIX, "--force"])
    if made.code != 0:
        raise UnavailableError(f"The generator ended with {made.code}: {made.last_line()}")
    return target


def copies_of_stream(source: Path, target: Path, copies: int) -> Path:
    """One stream many times over, each time as another workflow (all uuids in it are replaced)."""
    text = source.read_bytes()
    uuids = set(re.findall(rb"(?<=xwf\.id=)[0-9a-f-]{36}", text))
    with target.open("wb") as stream:
        for number in range(copies):
            part = text
            for old in uuids:
                part = part.replace(old, str(uuid.uuid5(uuid.UUID(old.decode()), str(number))).encode())
            stream.write(part)
    return target


def row_counts(db: Path, tables: list[str]) -> dict[str, int]:
    """How many rows the tables of a SQLite file have; -1 for a table that is missing."""
    connection = sqlite3.connect(f"{db.resolve().as_uri()}?mode=ro", uri=True)
    counts = {}
    for table in tables:
        try:
            counts[table] = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
        except sqlite3.OperationalError:
            counts[table] = -1
    connection.close()
    return counts


def wrong_tables(source: Path, db: Path) -> list[str]:
    """The tables that do not have as many rows as the generator of ``source`` says they must."""
    truth: dict[str, int] = json.loads(Path(f"{source}.truth.json").read_text())["tables"]
    have = row_counts(db, list(truth))
    return [f"{table}: {have[table]} for {rows}" for table, rows in truth.items() if have[table] != rows]


def job_outputs(folder: Path, limit: int) -> list[Path]:
    """The job outputs of a submit directory that hold records, at most ``limit``."""
    return sorted(folder.rglob("*.out.[0-9][0-9][0-9]"))[:limit]
