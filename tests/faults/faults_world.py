"""What happens around the watch: clocks, inotify, the state folder, its own output."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from .catalogue import fault
from .lab import Lab, Outcome
from .player import Pace
from .surroundings import few_watches, powerless

_DAY_S = 86400
_QUICK = Pace(300, 5)


def _play(lab: Lab, *options: str, changes: Sequence[str] = ()) -> Outcome:
    """All of it, with a look now and then at how soon a line is visible."""
    lab.player.begin()
    lab.watch(*options, changes=changes)
    for share in (0.2, 0.5, 0.8):
        lab.player.play(share)
        lab.caught_up()
        lab.recover()
    return lab.outcome(tries=1)


# ---- clocks ---------------------------------------------------------------------------------------------------------


@fault("clock jumps by a day", "pg_retry", _QUICK, key="clock_forward")
@fault("clock jumps by a day", "dm_e_subdag", _QUICK, key="clock_backward")
def clock(lab: Lab) -> Outcome:
    """Forward or backward in the middle of the run, and back to where it was."""
    sign = 1 if lab.home.name == "clock_forward" else -1
    file = lab.home / "clock"
    file.write_text("0")
    lab.player.begin()
    lab.watch(changes=("--clock", str(file)))
    lab.player.play(0.3)
    lab.caught_up()
    for jump in (sign * _DAY_S, 0):
        file.write_text(str(jump))
        lab.recover()
        lab.player.play(lab.player.share + 0.2)
        lab.caught_up()
    return lab.outcome(tries=2)


@fault("clock is wrong by a day from the start", "pg_hier_fail", _QUICK, key="clock_ahead")
@fault("clock is wrong by a day from the start", "dm_c_rescue", _QUICK, key="clock_behind", long=True)
def clock_wrong(lab: Lab) -> Outcome:
    """The watch lives a day before or after the machine that writes."""
    file = lab.home / "clock"
    file.write_text(str(_DAY_S if lab.home.name == "clock_ahead" else -_DAY_S))
    return _play(lab, changes=("--clock", str(file)))


# ---- inotify --------------------------------------------------------------------------------------------------------


@fault("no inotify (--poll)", "pg_hier_fail", _QUICK)
def poll(lab: Lab) -> Outcome:
    return _play(lab, "--poll")


@fault("no inotify (STAMPEDE_POLL)", "dm_e_subdag", _QUICK, long=True)
def poll_by_environment(lab: Lab) -> Outcome:
    lab.env["STAMPEDE_POLL"] = "1"
    return _play(lab)


@fault("folder on a network file system", "pg_hier_fail", _QUICK)
def network(lab: Lab) -> Outcome:
    """inotify is not asked, and the database keeps a rollback journal; with kills."""
    lab.player.begin()
    for share in (0.2, 0.5, 0.8):
        lab.watch(changes=("--network",))
        lab.player.play(share)
        lab.caught_up()
        lab.recover()
        lab.watches[-1].kill()
    lab.watch(changes=("--network",))
    return lab.outcome(tries=3)


@fault("limits of inotify exhausted", "pg_hier_fail", _QUICK, key="no_watches")
@fault("limits of inotify exhausted", "dm_e_subdag", _QUICK, key="two_watches")
@fault("limits of inotify exhausted", "pg_retry", _QUICK, key="no_instances")
def inotify_limits(lab: Lab) -> Outcome:
    """The kernel's own limits: no watch at all, two of them, no instance."""
    number, instances = {"no_watches": (0, 100), "two_watches": (2, 100), "no_instances": (100, 0)}[lab.home.name]
    lab.prefix = few_watches(number, instances)
    return _play(lab)


@fault("limits of inotify exhausted", "pg_fail", _QUICK, key="launcher_no_watches", long=True)
@fault("limits of inotify exhausted", "pg_fail", _QUICK, key="launcher_no_inotify", long=True)
def inotify_refuses(lab: Lab) -> Outcome:
    """The same without the kernel's help."""
    return _play(lab, changes=(lab.home.name.replace("launcher_", "--").replace("_", "-"),))


# ---- the state folder -----------------------------------------------------------------------------------------------


@fault("state folder may not be written", "pg_fail", _QUICK)
def state_forbidden(lab: Lab) -> Outcome:
    lab.prefix = powerless()
    lab.state.chmod(0o555)
    try:
        return _play(lab)
    finally:
        lab.state.chmod(0o755)


@fault("state folder is a file", "pg_fail", _QUICK, long=True)
def state_is_a_file(lab: Lab) -> Outcome:
    lab.state.rmdir()
    lab.state.write_text("no folder")
    return _play(lab)


def _registries(lab: Lab) -> list[Path]:
    """The registry's file; several while it is made."""
    return [p for p in lab.state.rglob("*") if p.is_file() and not p.name.endswith(("-wal", "-shm", "-journal"))]


@fault("registry damaged", "pg_fail", _QUICK, key="registry_rubbish")
@fault("registry damaged", "pg_fail", _QUICK, key="registry_deleted", long=True)
@fault("registry damaged", "pg_fail", _QUICK, key="registry_locked")
def registry(lab: Lab) -> Outcome:
    """Rubbish in its place, gone, or locked all the time."""
    lab.player.begin()
    lab.watch()
    lab.player.play(0.3)
    lab.caught_up()
    lab.until(lambda: len(_registries(lab)) == 1, "a registry")
    files = [p for p in lab.state.rglob("*") if p.is_file()]
    other = None
    if lab.home.name == "registry_rubbish":
        for path in files:
            path.write_bytes(b"rubbish" * 5000)
    elif lab.home.name == "registry_deleted":
        for path in files:
            path.unlink()
    else:
        other = sqlite3.connect(_registries(lab)[0], isolation_level=None, check_same_thread=False)
        other.execute("BEGIN EXCLUSIVE")
    for share in (0.5, 0.8):
        lab.player.play(share)
        lab.recover()
    lab.watches[-1].kill()
    lab.watch()
    lab.recover()
    lab.play_out()
    outcome = lab.outcome()
    if other is not None:
        other.close()
    return outcome


# ---- its own output -------------------------------------------------------------------------------------------------


@fault("nobody reads its output", "pg_fail", _QUICK, key="output_pipe_closed")
@fault("its output goes to a full disk", "pg_fail", _QUICK, key="output_full")
def output(lab: Lab) -> Outcome:
    """What cannot be told is not told; what is to be written is."""
    lab.player.begin()
    if lab.home.name == "output_full":
        out = os.open("/dev/full", os.O_WRONLY)
    else:
        back, out = os.pipe()
        os.close(back)
    lab.watch(stdout=out)
    os.close(out)
    lab.player.play(0.5)
    time.sleep(1.5)
    assert lab.watches[-1].alive, (lab.watches[-1].code, lab.watches[-1].said())
    return lab.outcome()


@fault("few file descriptors", "dm_e_subdag", _QUICK)
def few_descriptors(lab: Lab) -> Outcome:
    lab.prefix = ["sh", "-c", 'ulimit -n 24 && exec "$@"', "sh"]
    return _play(lab)
