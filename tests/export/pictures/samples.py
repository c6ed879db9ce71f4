"""Pictures' data made up: of any size, with names that try everything."""

from __future__ import annotations

from stampede.query.pictures.album import Album
from stampede.query.pictures.breakdown import BreakdownCollector
from stampede.query.pictures.failures import FailuresCollector
from stampede.query.pictures.gantt import Bar, BarPhase, Gantt
from stampede.query.pictures.hosts import HostsCollector
from stampede.query.pictures.lanes import By, Lanes
from stampede.query.pictures.runtimes import RuntimesCollector
from stampede.query.pictures.states import JobStates
from stampede.query.pictures.tries import DrawnTry
from stampede.query.pictures.window import Window


def window_of(count: int) -> Window:
    """A time in which so many tries fit."""
    return Window(start_ts=1_795_000_000.0, end_ts=1_795_000_000.0 + 60 + count, now_ts=1_795_000_000.0 + 60 + count)


def made_up(count: int, *, name: str = "work") -> list[DrawnTry]:
    """Tries one after the other, a second apart; every seventh failed."""
    found = []
    for i in range(count):
        start = 1_795_000_000.0 + i
        failed = i % 7 == 3
        found.append(DrawnTry(
            i + 1, i + 1, 1, f"{name}_{i}", f"{name}{i % 12}", f"{name}@node{i % 60}", f"{name} site", start, start + 1,
            start + 3, start + 3 + 10 * (1 + i % 5), start + 5 + 10 * (1 + i % 5), failed, True,
            None if failed else 10.0 * (1 + i % 5) + i % 3 / 10, 256 if failed else 0, False,
        ))  # fmt: skip
    return found


def an_album(count: int, *, name: str = "work", by: By = "job", most_bars: int = 2000, hosts: int = 3000) -> Album:
    """All pictures of that many tries."""
    window, tries = window_of(count), made_up(count, name=name)
    on_hosts = HostsCollector(window, bins=240, most=hosts)
    breakdown, runtimes = BreakdownCollector(window), RuntimesCollector(window)
    failures, lanes = FailuresCollector(window, bins=100), Lanes(window.bins(480), "transformation", keep=24)
    for one in tries:
        for collector in (on_hosts, breakdown, runtimes, failures, lanes):
            collector.add(one)
    gantt = Gantt(window=window, by=by, tries=count, failed=sum(bool(t.failed) for t in tries))
    if count <= most_bars:
        gantt.bars = [_bar(t) for t in tries]
    else:
        gantt.by, gantt.lanes = "transformation", lanes.lanes()
    return Album(
        window=window, gantt=gantt, hosts=on_hosts.result(), jobs=a_stack(window, count), breakdown=breakdown.result(),
        failures=failures.result(), runtimes=runtimes.result(),
    )  # fmt: skip


def _bar(t: DrawnTry) -> Bar:
    phases = [BarPhase("queue", t.queue_ts, t.run_ts), BarPhase("run", t.run_ts, t.end_ts),
              BarPhase("held" if t.failed else "post", t.end_ts, t.over_ts)]  # fmt: skip
    return Bar(
        job=t.job, transformation=t.transformation, host=t.host, site=t.site, start_ts=t.begin_ts, end_ts=t.over_ts,
        failed=t.failed, exitcode=t.exitcode, phases=phases,
    )  # fmt: skip


def a_stack(window: Window, total: int, bins: int = 600) -> JobStates:
    """Jobs that are done one after the other."""
    done = [total * i / bins for i in range(bins)]
    return JobStates(
        window=window, total=total, ready_known=True, waiting=[total - d for d in done], done=done,
        **{name: [0.0] * bins for name in ("ready", "pre", "queued", "held", "running", "post", "failed")},
    )  # fmt: skip
