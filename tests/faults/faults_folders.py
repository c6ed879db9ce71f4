"""What happens to the submit directory as a whole, and who else looks at it."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from .catalogue import fault
from .lab import Lab, Outcome
from .player import Pace
from .surroundings import elsewhere, powerless

_QUICK = Pace(300, 5)
#: a lease is respected so long here
_PATIENCE_S = 2.0


def _begin(lab: Lab, until: float = 0.3) -> None:
    lab.player.begin()
    lab.watch()
    lab.player.play(until)
    lab.caught_up()


# ---- moved, linked, forbidden ---------------------------------------------------------------------------------------


@fault("submit directory renamed for a while", "pg_hier_fail", Pace(600, 5), key="renamed")
@fault("submit directory renamed for a while, kill -9", "dm_e_subdag", _QUICK, key="renamed_kill")
def renamed(lab: Lab) -> Outcome:
    """DAGMan goes on in it meanwhile; the watch is killed while it is not there, or not."""
    _begin(lab)
    away = lab.home / "away"
    for share in (0.5, 0.7):
        lab.folder.rename(away)
        lab.player.folder = away
        lab.player.play(share)
        if lab.home.name == "renamed_kill":
            lab.watches[-1].kill()
            lab.watch("--wait")
        time.sleep(1)
        away.rename(lab.folder)
        lab.player.folder = lab.folder
        lab.recover()
    return lab.outcome(tries=2)


@fault("submit directory behind a link that is set anew", "dm_e_subdag", _QUICK)
def link_set_anew(lab: Lab) -> Outcome:
    """The link is watched; what it leads to is moved to another disk, and the link follows. Sources are known by the
    path that a link leads to: that of the first place is read to its end nowhere."""
    first, second = lab.home / "disk1" / "run", lab.home / "disk2" / "run"
    for place in (first, second):
        place.parent.mkdir()
    first.mkdir()
    lab.folder.symlink_to(first)
    _begin(lab)
    shutil.copytree(first, second, symlinks=True)
    lab.folder.unlink()
    lab.folder.symlink_to(second)
    shutil.rmtree(first)
    for name in {s.log for s in lab.script.steps[: lab.player.at]}:
        lab.player.reopen(name)
    lab.recover()
    return lab.outcome(without=("source_position",))


@fault("submit directory may not be written", "pg_retry", _QUICK)
def submit_dir_read_only(lab: Lab) -> Outcome:
    """By the watch, and nothing of it is left there."""
    lab.prefix = powerless()
    lab.player.begin()
    before = {p.name for p in lab.folder.iterdir()}
    for path in (lab.folder, *(p for p in lab.folder.rglob("*") if p.is_dir())):
        path.chmod(0o555)
    lab.watch()
    for share in (0.4, 0.8):
        lab.player.play(share)
        lab.recover()
    outcome = lab.outcome(tries=2)
    ours = {p.name for p in lab.folder.iterdir() if "stampede" in p.name}
    assert not ours - before, ours
    return outcome


# ---- taken away and made anew ---------------------------------------------------------------------------------------


@fault("sub-workflow's directory deleted and made anew", "pg_hier_fail", Pace(600, 5))
def nested_made_anew(lab: Lab) -> Outcome:
    """All that is in it comes again, file by file, and its DAGMan goes on there."""
    _begin(lab, 0.5)
    log = next(name for name in reversed(lab.script.logs) if lab.player.path(name).exists() and "/" in name)
    folder = lab.player.path(log).parent
    aside = lab.home / "aside"
    shutil.copytree(folder, aside)
    shutil.rmtree(folder)
    time.sleep(1.5)
    for path in sorted(aside.rglob("*")):
        target = folder / path.relative_to(aside)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
            time.sleep(0.005)
    below = os.path.dirname(log)
    for name in {s.log for s in lab.script.steps[: lab.player.at] if s.log.startswith(below)}:
        lab.player.reopen(name)
    lab.recover()
    return lab.outcome()


@fault("log away as a watch begins", "pg_fail", _QUICK, key="log_away")
@fault("log away as a watch begins", "dm_g_hold", _QUICK, key="log_away_plain")
def log_away(lab: Lab) -> Outcome:
    """The watch was killed, and the next one finds a DAG without a log; then the log comes back, longer."""
    _begin(lab)
    lab.watches[-1].kill()
    path = lab.player.path(lab.script.logs[0])
    away = path.rename(lab.home / "away")
    lab.player.play(0.5)
    lab.watch()
    time.sleep(2.5)
    away.rename(path)
    lab.recover()
    return lab.outcome()


# ---- other machines -------------------------------------------------------------------------------------------------


@fault("watches on two machines", "pg_hier_fail", _QUICK, key="machines")
@fault("watches on two machines", "dm_g_hold", Pace(100, 5), key="machines_plain", long=True)
def machines(lab: Lab) -> Outcome:
    """Neither sees the processes of the other; the one takes over from the other that was killed, and back again."""
    lab.player.begin()
    change = ("--patience", str(_PATIENCE_S))
    here: list[str] = []
    there = elsewhere("other.example.org")
    tries = 0
    lab.prefix = here
    lab.watch(changes=change)
    for share in (0.25, 0.5, 0.75):
        lab.player.play(share)
        lab.caught_up()
        lab.prefix = there if lab.prefix is here else here
        first, _second = lab.watches[-1], lab.watch(changes=change)
        time.sleep(0.7)
        first.kill()
        tries += 1
        lab.recover()
    return lab.outcome(tries=tries)


def _own_logs(lab: Lab) -> list[Path]:
    """Logs that jobs have of their own."""
    return [lab.player.path(n) for n in {s.log for s in lab.script.steps} if not n.endswith((".out", ".dag.nodes.log"))]


@fault("logs of jobs cut and deleted", "dm_g_hold", _QUICK)
def own_logs_gone(lab: Lab) -> Outcome:
    """What only they tell is told as long as they are there, and again when they are put back."""
    _begin(lab, 0.6)
    kept = {path: path.read_bytes() for path in _own_logs(lab) if path.exists()}
    assert kept
    for number, path in enumerate(kept):
        if number % 2:
            path.unlink()
        else:
            os.truncate(path, 0)
    time.sleep(1.5)
    for path, data in kept.items():
        path.write_bytes(data)
    for name in {s.log for s in lab.script.steps[: lab.player.at]}:
        lab.player.reopen(name)
    lab.recover()
    return lab.outcome()
