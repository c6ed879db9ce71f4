"""What happens to the database: locked, full, deleted, replaced, forbidden."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .catalogue import fault
from .lab import Lab, Outcome
from .player import Pace
from .surroundings import powerless

_QUICK = Pace(400, 5)


@contextmanager
def _locked(lab: Lab, how: str) -> Iterator[None]:
    """Another process holds the database: a lock of another connection is one to the watch, whoever has it."""
    other = sqlite3.connect(lab.database, timeout=30, isolation_level=None)
    other.execute(how)
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def _begin(lab: Lab, until: float = 0.3) -> None:
    lab.player.begin()
    lab.watch()
    lab.player.play(until)
    lab.caught_up()


@fault("database locked for 10 s", "pg_fail", _QUICK)
def locked(lab: Lab) -> Outcome:
    _begin(lab)
    with _locked(lab, "BEGIN EXCLUSIVE"):
        lab.player.play(0.6)
        time.sleep(10 - 0.3 * len(lab.script.steps) / lab.player.pace.lines_per_s)
    lab.recover()
    return lab.outcome()


@fault("database locked for 10 s", "dm_e_subdag", _QUICK)
def locked_and_told_to_end(lab: Lab) -> Outcome:
    """A watch that waits for a lock can be told to end; the next one goes on."""
    _begin(lab)
    watch = lab.watches[-1]
    with _locked(lab, "BEGIN IMMEDIATE"):
        lab.player.play(0.6)
        time.sleep(1)
        watch.signal(15)
        began = time.monotonic()
        while watch.alive and time.monotonic() - began < 10:
            time.sleep(0.05)
        took = time.monotonic() - began
    assert watch.wait() == 0
    lab.again()
    lab.recover()
    return lab.outcome(notes=f"ended {took:.1f} s after SIGTERM")


@fault("database locked for 10 s", "pg_fail", _QUICK, long=True)
def locked_at_the_start(lab: Lab) -> Outcome:
    """The lock is there before the watch is."""
    _begin(lab)
    lab.watches[-1].kill()
    with _locked(lab, "BEGIN IMMEDIATE"):
        lab.watch()
        lab.player.play(0.6)
        time.sleep(3)
    lab.recover()
    return lab.outcome()


@fault("database locked for 70 s", "pg_fail", _QUICK, long=True)
def locked_longer_than_sqlite_waits(lab: Lab) -> Outcome:
    _begin(lab)
    with _locked(lab, "BEGIN IMMEDIATE"):
        lab.player.play(0.6)
        time.sleep(70)
    lab.recover()
    return lab.outcome()


@fault("a reader in one transaction all the time", "pg_retry", Pace(300, 5))
def reader(lab: Lab) -> Outcome:
    """It sees what was there when it began, and nobody waits for it."""
    _begin(lab, 0.1)
    other = sqlite3.connect(f"file:{lab.database}?mode=ro", uri=True, isolation_level=None)
    other.execute("BEGIN")
    then = other.execute("SELECT count(*) FROM jobstate").fetchone()
    for share in range(2, 10):
        lab.player.play(share / 10)
        lab.recover()
    assert other.execute("SELECT count(*) FROM jobstate").fetchone() == then
    lab.play_out()
    lab.until(lambda: lab.has(lab.written()), "the end")
    began = time.monotonic()
    while lab.watches[-1].alive and time.monotonic() - began < 10:
        time.sleep(0.05)
    took = time.monotonic() - began
    other.close()
    return lab.outcome(tries=8, notes=f"ended {took:.1f} s after the run")


@contextmanager
def _small_disk(lab: Lab, kilobytes: int) -> Iterator[Path]:
    """The database's folder is a file system of its own."""
    folder = lab.database.parent
    if (
        os.geteuid()
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", str(folder)], capture_output=True
        ).returncode
    ):
        pytest.skip("a small file system can be mounted by root only")
    try:
        yield folder
    finally:
        kept = lab.home / "kept.db"
        for watch in lab.watches:
            watch.close()
        for end in ("", "-wal"):
            if Path(f"{lab.database}{end}").exists():
                shutil.copyfile(f"{lab.database}{end}", f"{kept}{end}")
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill(folder: Path) -> Path:
    """Not a byte is free any more."""
    ballast = folder / "ballast"
    with ballast.open("ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                pass
    return ballast


@fault("disk full", "pg_fail", _QUICK)
def disk_full(lab: Lab) -> Outcome:
    """Full in the middle, with lines going on, and free again."""
    with _small_disk(lab, 8192) as folder:
        _begin(lab)
        for share in (0.5, 0.8):
            ballast = _fill(folder)
            lab.player.play(share)
            time.sleep(2)
            ballast.unlink()
            lab.recover()
        return lab.outcome(tries=2)


@fault("disk full", "pg_hier_fail", _QUICK)
def disk_full_at_the_start(lab: Lab) -> Outcome:
    """Full before there is a database, and the watch is killed and started again while it is."""
    with _small_disk(lab, 8192) as folder:
        ballast = _fill(folder)
        lab.player.begin()
        lab.watch()
        lab.player.play(0.2)
        time.sleep(1)
        ballast.unlink()
        lab.recover()
        ballast = _fill(folder)
        lab.player.play(0.5)
        lab.watches[-1].kill()
        lab.watch()
        time.sleep(1)
        ballast.unlink()
        lab.recover()
        return lab.outcome(tries=3)


def _remove(lab: Lab, *ends: str) -> None:
    for end in ends:
        Path(f"{lab.database}{end}").unlink(missing_ok=True)


@fault("database deleted", "pg_fail", _QUICK)
def deleted(lab: Lab) -> Outcome:
    _begin(lab)
    _remove(lab, "", "-wal", "-shm")
    lab.recover()
    lab.player.play(0.7)
    lab.caught_up()
    _remove(lab, "", "-wal", "-shm")
    lab.recover()
    return lab.outcome(tries=2)


@fault("database deleted", "dm_e_subdag", _QUICK)
def deleted_alone(lab: Lab) -> Outcome:
    """Only the file itself goes; what SQLite keeps beside it stays, with and without a kill."""
    _begin(lab)
    _remove(lab, "")
    lab.recover()
    lab.player.play(0.6)
    lab.caught_up()
    lab.watches[-1].kill()
    _remove(lab, "")
    lab.watch()
    lab.recover()
    return lab.outcome(tries=2)


@fault("database deleted", "pg_hier_fail", _QUICK, long=True)
def deleted_with_its_folder(lab: Lab) -> Outcome:
    _begin(lab)
    shutil.rmtree(lab.database.parent)
    lab.recover()
    return lab.outcome()


@fault("database put back from a copy", "pg_retry", _QUICK)
def put_back(lab: Lab) -> Outcome:
    """A backup of some time ago is moved in its place."""
    _begin(lab)
    backup = lab.home / "backup.db"
    ours, other = sqlite3.connect(lab.database), sqlite3.connect(backup)
    ours.backup(other)
    ours.close()
    other.close()
    lab.player.play(0.7)
    lab.caught_up()
    _remove(lab, "-wal", "-shm")
    backup.rename(lab.database)
    lab.recover()
    return lab.outcome()


@fault("database overwritten with rubbish", "pg_fail", _QUICK)
def rubbish(lab: Lab) -> Outcome:
    """Somebody takes the rubbish away."""
    _begin(lab)
    lab.database.write_bytes(b"no database at all\n" * 9000)
    lab.player.play(0.5)
    time.sleep(1)
    _remove(lab, "", "-wal", "-shm")
    lab.recover()
    return lab.outcome()


@fault("database made unreadable", "pg_fail", _QUICK)
def unreadable(lab: Lab) -> Outcome:
    """It may not be opened for a while; a watch that is started meanwhile waits."""
    lab.prefix = powerless()
    _begin(lab)
    lab.database.chmod(0)
    lab.player.play(0.5)
    time.sleep(1)
    lab.database.chmod(0o644)
    lab.recover()
    lab.database.chmod(0)
    lab.watches[-1].kill()
    lab.watch()
    lab.player.play(0.7)
    time.sleep(1.5)
    assert lab.watches[-1].alive, lab.watches[-1].said()
    lab.database.chmod(0o644)
    lab.recover()
    return lab.outcome(tries=2)


@fault("database's folder may not be written", "dm_e_subdag", _QUICK)
def folder_read_only(lab: Lab) -> Outcome:
    lab.prefix = powerless()
    folder = lab.database.parent
    folder.chmod(0o555)
    lab.player.begin()
    lab.watch()
    lab.player.play(0.3)
    time.sleep(1)
    assert lab.watches[-1].alive, lab.watches[-1].said()
    folder.chmod(0o755)
    lab.recover()
    return lab.outcome()
