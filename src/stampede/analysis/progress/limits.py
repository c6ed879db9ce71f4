"""What limits a workflow now: slots, dependencies, one long job, holds, throttles, DAGMan itself; in one word and one
sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from stampede.analysis.progress.durations import Kind
from stampede.analysis.progress.forecast_end import End
from stampede.query.remaining import Left, Remaining

#: times the usual duration, and seconds, that a job runs until the rest is said to wait for it
STRAGGLER_FACTOR: Final = 3.0
STRAGGLER_S: Final = 60.0
#: seconds that a job waits without any running until the pool is said to give nothing
NOTHING_S: Final = 30.0
#: seconds beyond its usual delay that a ready node is not submitted until it is said to be held back
HELD_BACK_S: Final = 15.0
#: names of a chain that are told
_NAMED: Final = 3


class Standing(msgspec.Struct, kw_only=True):
    """How DAGMan stands: whether it is halted, why its own job is held (None: it is not)."""

    halted: bool = False
    halt_reason: str | None = None
    engine_hold: str | None = None


class Limit(msgspec.Struct, frozen=True):
    """``by`` is ``dagman_held``, ``halted``, ``holds``, ``pool``, ``straggler``, ``throttle``, ``slots``,
    ``dependencies``, ``scripts`` or ``nothing`` (all that is left is to end); ``text`` says it for people.
    ``endless``: nothing will go on until somebody acts, so that no end can be told."""

    by: str
    text: str
    endless: bool = False


def stopped(rest: Remaining, standing: Standing) -> Limit | None:
    """What keeps the workflow from going on at all until somebody acts; None when nothing does."""
    if standing.engine_hold is not None:
        return Limit("dagman_held", f"DAGMan's own job is held: {standing.engine_hold}", True)
    if standing.halted:
        return Limit("halted", f"DAGMan is halted: {standing.halt_reason or 'no new jobs are started'}", True)
    phases = Counter(n.phase for n in rest.left if not n.inside)
    if phases["held"] and not any(phases[p] for p in ("running", "idle", "post", "pre", "ready")):
        return Limit("holds", f"{_jobs(phases['held'])} held, and nothing else can go on", True)
    return None


def limit(rest: Remaining, end: End, now: float) -> Limit:
    """What the end waits for now, of a workflow that goes on."""
    phases = Counter(n.phase for n in rest.left if not n.inside)
    if not rest.nodes_left:
        return Limit("nothing", "all nodes are done")
    found = (
        _pool(rest.left, phases, now)
        or _straggler(rest.left, end, now)
        or _throttle(rest.left, end, now)
        or _slots(rest.left, phases, end)
    )
    if found is not None:
        return found
    if phases["held"] and any(n.phase == "held" and n.name in end.chain for n in rest.left):
        return Limit("holds", f"{_jobs(phases['held'])} held")
    if not phases["running"] and not phases["idle"] and phases["pre"] + phases["post"]:
        return Limit("scripts", f"{phases['pre'] + phases['post']} scripts run, and no job")
    return Limit("dependencies", _chain(end.chain, phases["running"]))


def _jobs(n: int) -> str:
    return "1 job is" if n == 1 else f"{n:,} jobs are"


def _pool(left: Sequence[Left], phases: Counter[str], now: float) -> Limit | None:
    waits = [now - n.since_ts for n in left if n.phase == "idle" and n.pooled and n.since_ts is not None]
    if phases["running"] or not waits or max(waits) < NOTHING_S:
        return None
    return Limit("pool", f"no machine has taken any of {len(waits):,} waiting jobs for {max(waits):,.0f} s")


def _straggler(left: Sequence[Left], end: End, now: float) -> Limit | None:
    job = longest_over(left, end.durations, now)
    if job is None or job.execute_ts is None:
        return None
    ran = now - job.execute_ts
    times = ran / max(end.durations[job.kind].mean_s, 1.0)
    alone = sum(n.phase == "running" for n in left) == 1 or (end.chain[:1] == [job.name])
    if times < STRAGGLER_FACTOR or ran < STRAGGLER_S or not alone:
        return None
    return Limit("straggler", f"{job.name} has run {ran:,.0f} s, {times:.0f} times as long as is usual")


def longest_over(left: Sequence[Left], durations: dict[str, Kind], now: float) -> Left | None:
    """The running job that has run longest against what its kind takes."""
    running = [n for n in left if n.phase == "running" and n.execute_ts is not None and not n.inside]
    return max(
        running, key=lambda n: (now - (n.execute_ts or now)) / max(durations[n.kind].mean_s, 1.0), default=None
    )  # fmt: skip


def _throttle(left: Sequence[Left], end: End, now: float) -> Limit | None:
    patience = HELD_BACK_S + 2.0 * end.submit_s
    back = [n for n in left if n.phase == "ready" and n.since_ts is not None and now - n.since_ts > patience]
    if not back:
        return None
    categories = Counter(n.category for n in back)
    name, most = categories.most_common(1)[0]
    if name and most == len(back):
        return Limit("throttle", f"DAGMan holds back {len(back):,} ready nodes: the limit of category {name}")
    return Limit("throttle", f"DAGMan holds back {len(back):,} ready nodes: MAXJOBS, MAXIDLE or its pace of submission")


def _slots(left: Sequence[Left], phases: Counter[str], end: End) -> Limit | None:
    waiting = sum(n.phase == "idle" and n.pooled for n in left)
    running = sum(n.phase == "running" and n.pooled for n in left)
    if not waiting or not running or not (end.slots.full or waiting > running):
        return None
    return Limit("slots", f"slots: {running:,} run, {waiting:,} wait for one")


def _chain(chain: Sequence[str], running: int) -> str:
    if not chain:
        return f"dependencies: {running:,} run, and the rest waits for them"
    shown = list(chain[:_NAMED])
    more = len(chain) - len(shown)
    names = " → ".join([*shown, *([f"{more} more"] if more else [])])
    return f"the longest way: {names}" if len(chain) > 1 else f"the last job: {names}"
