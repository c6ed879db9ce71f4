"""What happens to DAGMan's log as a file: rotated, cut, forbidden, moved, replaced."""

from __future__ import annotations

import os
import time

from .catalogue import fault
from .lab import Lab, Outcome
from .player import Pace
from .surroundings import powerless

_QUICK = Pace(400, 5)


def _begin(lab: Lab, until: float = 0.3) -> None:
    lab.player.begin()
    lab.watch()
    lab.player.play(until)
    lab.caught_up()


def _root(lab: Lab) -> str:
    return lab.script.logs[0]


# ---- rotated and cut ------------------------------------------------------------------------------------------------


def _whole_again(lab: Lab, *parts: bytes) -> None:
    """Before the comparison the log is as if nothing had happened to it, so that a load reads all of it."""
    lab.player.path(_root(lab)).write_bytes(b"".join(parts))


def _rotate(lab: Lab) -> bytes:
    """As HTCondor does: the log is renamed, and a new one is begun."""
    path = lab.player.path(_root(lab))
    old = path.with_name(f"{path.name}.old")
    path.rename(old)
    lab.player.reopen(_root(lab))
    return old.read_bytes()


@fault("log rotated", "pg_retry", _QUICK)
def rotated(lab: Lab) -> Outcome:
    """While the watch has lines of the old one to read, and again when it has none."""
    _begin(lab)
    parts = []
    for share in (0.5, 0.8):
        lab.player.lines(60)
        parts.append(_rotate(lab))
        lab.recover()
        lab.player.play(share)
        lab.caught_up()
    lab.settle()
    path = lab.player.path(_root(lab))
    path.with_name(f"{path.name}.old").unlink()
    _whole_again(lab, *parts, path.read_bytes())
    return Outcome(2, [lab.compare()], lab.recoveries_s)


@fault("log rotated and kill -9", "pg_retry", _QUICK)
def rotated_and_killed(lab: Lab) -> Outcome:
    """Rotated while no watch was there; the next one finds the old log beside the new one."""
    _begin(lab)
    lab.watches[-1].kill()
    lab.player.lines(60)
    part = _rotate(lab)
    lab.player.lines(60)
    lab.watch()
    lab.recover()
    lab.settle()
    path = lab.player.path(_root(lab))
    path.with_name(f"{path.name}.old").unlink()
    _whole_again(lab, part, path.read_bytes())
    return Outcome(1, [lab.compare()], lab.recoveries_s)


@fault("log cut to nothing, writer appends", "pg_fail", _QUICK)
def cut(lab: Lab) -> Outcome:
    """What was read stays, what comes is read."""
    _begin(lab)
    path = lab.player.path(_root(lab))
    before = path.read_bytes()
    os.truncate(path, 0)
    lab.recover()
    lab.settle()
    _whole_again(lab, before, path.read_bytes())
    return Outcome(1, [lab.compare()], lab.recoveries_s)


@fault("log cut to nothing and kill -9", "pg_fail", _QUICK)
def cut_and_killed(lab: Lab) -> Outcome:
    _begin(lab)
    path = lab.player.path(_root(lab))
    before = path.read_bytes()
    lab.watches[-1].kill()
    os.truncate(path, 0)
    lab.player.lines(30)
    lab.watch()
    lab.recover()
    lab.settle()
    _whole_again(lab, before, path.read_bytes())
    return Outcome(1, [lab.compare()], lab.recoveries_s)


@fault("log cut under a writer that keeps its place", "pg_fail", _QUICK)
def hole(lab: Lab) -> Outcome:
    """The file begins with as many NULs as bytes were cut."""
    _begin(lab, 0.02)
    lab.player.reopen(_root(lab), append=False)
    lab.player.play(0.3)
    lab.caught_up()
    path = lab.player.path(_root(lab))
    before = path.read_bytes()
    os.truncate(path, 0)
    time.sleep(1)
    lab.recover()
    lab.settle()
    _whole_again(lab, before, path.read_bytes().lstrip(b"\0"))
    return Outcome(1, [lab.compare()], lab.recoveries_s)


@fault("log cut under a writer that keeps its place, kill -9", "pg_fail", _QUICK)
def hole_and_killed(lab: Lab) -> Outcome:
    _begin(lab, 0.02)
    lab.player.reopen(_root(lab), append=False)
    lab.player.play(0.3)
    lab.caught_up()
    path = lab.player.path(_root(lab))
    before = path.read_bytes()
    os.truncate(path, 0)
    lab.player.lines(30)
    time.sleep(0.5)
    lab.watches[-1].kill()
    lab.watch()
    lab.recover()
    lab.settle()
    _whole_again(lab, before, path.read_bytes().lstrip(b"\0"))
    return Outcome(1, [lab.compare()], lab.recoveries_s)


# ---- forbidden ------------------------------------------------------------------------------------------------------


@fault("log may not be read for a while", "pg_fail", _QUICK)
def log_forbidden(lab: Lab) -> Outcome:
    lab.prefix = powerless()
    _begin(lab)
    path = lab.player.path(_root(lab))
    for share in (0.5, 0.7):
        path.chmod(0)
        lab.player.play(share)
        time.sleep(1)
        if share == 0.7:
            lab.watches[-1].kill()
            lab.watch()
            time.sleep(1.5)
        path.chmod(0o644)
        lab.recover()
    return lab.outcome(tries=2)


@fault("folder may not be entered for a while", "pg_hier_fail", _QUICK)
def folder_forbidden(lab: Lab) -> Outcome:
    lab.prefix = powerless()
    _begin(lab)
    for share in (0.5, 0.7):
        lab.folder.chmod(0)
        lab.player.play(share)
        time.sleep(1)
        if share == 0.7:
            lab.watches[-1].kill()
            lab.watch()
            time.sleep(1.5)
        lab.folder.chmod(0o755)
        lab.recover()
    return lab.outcome(tries=2)


@fault("log moved away for a while", "pg_fail", _QUICK)
def moved_away(lab: Lab) -> Outcome:
    """The writer goes on in it, and it comes back."""
    _begin(lab)
    path = lab.player.path(_root(lab))
    path.rename(f"{path}.away")
    lab.player.play(0.5)
    time.sleep(1)
    os.rename(f"{path}.away", path)
    lab.recover()
    return lab.outcome()


@fault("log replaced by a copy", "pg_retry", Pace(600, 5))
def replaced(lab: Lab) -> Outcome:
    """An editor, rsync or a restored backup: the same bytes in another file, whose writer then goes on in it."""
    _begin(lab, 0.4)
    path = lab.player.path(_root(lab))
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.rename(path)
    lab.player.reopen(_root(lab))
    lab.recover()
    return lab.outcome()
