"""kill -9 at any moment: while it starts, while it reads, while it writes, while it ends, and again at once."""

from __future__ import annotations

import time

from .catalogue import KILLS, LONG, fault
from .lab import Lab, Outcome
from .player import Pace

_SOURCES = (
    "pg_fail", "pg_hier_fail", "dm_e_subdag", "made_300", "dm_c_rescue", "pg_retry", "made_hier", "dm_g_hold",
    "pg_clusters_label", "dm_h_rm", "made_broken", "pg_rescue",
)  # fmt: skip
#: too large for everyday
_LARGE = ("dm_j_wide", "pg_rerun_after_success")
#: kills of one play; so many of them when all lines are there
_EACH, _AT_THE_END = 10, 3
#: seconds of play for each kill
_SECONDS = 0.8


def _kill_again_and_again(lab: Lab, kills: int) -> Outcome:
    chance = lab.random
    lines, burst = len(lab.script.steps), chance.choice([1, 5, 40])
    rests = chance.choice([0, kills])
    lab.player.pace = Pace(lines / (kills * _SECONDS), burst, rests=rests * burst / lines, rest_s=0.5, torn=0.3)
    lab.player.begin()
    lab.player.start()
    lab.watch()
    done = 0
    while done < kills - _AT_THE_END and lab.player.playing:
        done += _kill_once(lab)
    lab.watches[-1].before = None  # nobody looks in the meantime
    lab.play_out()
    for _ in range(4 * kills):
        if done < kills:
            lab.rest(chance.uniform(0, 1.0))
            done += lab.watches[-1].kill()  # else it had ended by itself: then the next one, which has nothing to tell
            lab.again()
    return lab.outcome(tries=done)


def _kill_once(lab: Lab) -> int:
    """Kill the last watch in one of several ways and start it again; how many were killed."""
    chance, watch = lab.random, lab.watches[-1]
    how = chance.choice(["early", "random", "random", "writing", "writing", "known", "twice"])
    if how == "early":
        lab.rest(chance.uniform(0, 0.4))
    elif how == "random":
        lab.rest(chance.uniform(0.3, 1.6))
    elif how == "writing":
        lab.rest(chance.uniform(0.3, 1.6))
        before = _pages(lab)
        end = time.monotonic() + 1.0
        while _pages(lab) == before and time.monotonic() < end:
            pass
        time.sleep(chance.choice([0.0, 0.0, 0.001, 0.01]))
    elif how == "known":
        end = time.monotonic() + 10.0
        while watch.before is not None and watch.known_after_s is None and watch.alive and time.monotonic() < end:
            lab.rest(0.2)
        lab.rest(chance.uniform(0, 0.2))
    killed = int(watch.kill())
    lab.again()
    if how == "twice":
        lab.rest(chance.uniform(0, 0.05))
        killed += lab.watches[-1].kill()
        lab.again()
    return killed


def _pages(lab: Lab) -> tuple[int, int]:
    """Changes with whatever is written into the database."""
    try:
        status = lab.database.with_name(lab.database.name + "-wal").stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


def _plays() -> None:
    left, number = KILLS, 0
    while left > 0:
        kills = min(_EACH, left)
        sources = (*_SOURCES, *_LARGE) if LONG else _SOURCES
        source = sources[number % len(sources)]

        def act(lab: Lab, kills: int = kills) -> Outcome:
            return _kill_again_and_again(lab, kills)

        fault("kill -9", source, seed=1000 + number, key=f"kills_{number:02}_{source}")(act)
        left, number = left - kills, number + 1


_plays()
