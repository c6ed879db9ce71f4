"""Tries as lanes: how many ran at once by bins, where single bars could not be told apart."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Any, Final

from stampede.query.columns.axis import Axis, Span
from stampede.query.columns.frame import Frame
from stampede.query.columns.levels import NOTHING, Levels
from stampede.query.columns.tries import LEFT, OF_JOBS, began_before, ran_within
from stampede.query.pictures.window import Window
from stampede.store.reader import Reader

#: lanes with a name of their own; the rest is one
MOST_LANES: Final = 60
OTHERS: Final = "all others"
#: a window of more than this share of all time is read in the order in which the tries lie, not by index
_WIDE: Final = 0.1
_RUN: Final = """
SELECT {lane}, i.execute_ts, coalesce({left}, CASE WHEN i.outcome IS NULL THEN {now} ELSE i.state_ts END),
       i.outcome = 'failed'
FROM {tries} CROSS JOIN {of_jobs} AND {when}{chosen}
"""


def frame_of_lanes(
    reader: Reader, ids: str, window: Window, *, lane: str, chosen: str, bins: int, skip: Sequence[Span],
    facts: dict[str, Any],
) -> Frame:  # fmt: skip
    """Level ``lanes`` of :func:`stampede.query.columns.gantt.gantt`; ``lane`` and ``chosen`` are SQL."""
    made: dict[str, _Lane] = {}
    place = Axis(window, bins, skip).place
    parts = [began_before(window)] if is_wide(reader, window) else ran_within(reader, window)
    start_ts, of_jobs, now = window.start_ts, OF_JOBS.format(ids=ids), repr(window.now_ts)
    for tries, when in parts:
        sql = _RUN.format(lane=lane, left=LEFT, tries=tries, of_jobs=of_jobs, when=when, chosen=chosen, now=now)
        for name, start, end, failed in reader.iterate(sql):
            if end is None or end < start_ts:
                continue
            one = made.get(name)
            if one is None:
                one = made[name] = _Lane(bins)
            one.add(place(start), place(end), failed)
    names, kept = _chosen(made, bins)
    table: dict[str, Any] = {"lane": array("I"), "bin": array("I"), "running": array("f"), "failing": array("f")}
    for number, one in enumerate(kept):
        for bin_, running, failing in one.levels():
            table["lane"].append(number)
            table["bin"].append(bin_)
            table["running"].append(running)
            table["failing"].append(failing)
    sums: dict[str, Any] = {"tries": array("I", [one.tries for one in kept]),
                            "failed": array("I", [one.failed for one in kept])}  # fmt: skip
    told = {**facts, "lanes": names, "bins": bins}
    return Frame(kind="gantt", level="lanes", facts=told, tables={"bins": table, "lanes": sums})


def is_wide(reader: Reader, window: Window) -> bool:
    """Whether the window has so much of all time that reading by index would cost more than reading all."""
    tries = reader.stored("job_instance")
    row = reader.one(f"SELECT (SELECT min(execute_ts) FROM {tries}), (SELECT max(execute_ts) FROM {tries})")
    if row is None or row[0] is None:
        return False
    return window.duration_s > _WIDE * float(row[1] - row[0])


class _Lane:
    """Tries of one lane: how many there are, and how many ran in each bin."""

    __slots__ = ("failed", "failing", "running", "tries")

    def __init__(self, bins: int) -> None:
        self.tries = self.failed = 0
        self.running, self.failing = Levels(bins), Levels(bins)

    def add(self, start: float, end: float, failed: bool | None) -> None:
        """A try that ran, in bins from the beginning of the window."""
        self.tries += 1
        self.running.add(start, end)
        if failed:
            self.failed += 1
            self.failing.add(start, end)

    def add_all(self, other: _Lane) -> None:
        """The tries of another."""
        self.tries += other.tries
        self.failed += other.failed
        self.running.add_all(other.running)
        self.failing.add_all(other.failing)

    def levels(self) -> Iterator[tuple[int, float, float]]:
        """Bin, how many ran in it on average, and how many of these failed; without bins in which none did."""
        for bin_, (running, failing) in enumerate(
            zip(self.running.averages(), self.failing.averages(), strict=True)
        ):  # fmt: skip
            if running > NOTHING:
                yield bin_, running, max(0.0, failing)


def _chosen(made: dict[str, _Lane], bins: int) -> tuple[list[str], list[_Lane]]:
    """The lanes with most tries, and those where most failed; the others as one."""
    by_tries = sorted(made, key=lambda n: (-made[n].tries, n))
    worst = sorted((n for n in made if made[n].failed), key=lambda n: (-made[n].failed, n))[:3]
    kept = set([*worst, *(n for n in by_tries if n not in worst)][:MOST_LANES])
    names = [n for n in by_tries if n in kept]
    left = [n for n in by_tries if n not in kept]
    lanes = [made[n] for n in names]
    if not left:
        return names, lanes
    rest = _Lane(bins)
    for name in left:
        rest.add_all(made[name])
    return [*names, OTHERS], [*lanes, rest]
