"""Runs (root workflows) counted by state, label, user and host: what stands above a list of them, and what it can be
narrowed to."""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec

from stampede.query.collections.question import clause
from stampede.query.collections.scope import EVERYTHING, Scope
from stampede.query.collections.workflows import FAILING
from stampede.store.reader import Reader

#: names that are told of each kind: those of most runs
MOST_NAMES: Final = 100


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A name (None: runs without one), and how many runs have it."""

    name: str | None
    runs: int


class Totals(msgspec.Struct, kw_only=True):
    """How many runs there are, by state. ``failing`` are among the running: something of them failed for good.

    ``since`` has those that ended, or began and still run, since the time that was asked for, by state.
    """

    runs: int = 0
    failing: int = 0
    states: dict[str, int] = {}
    since: dict[str, int] = {}
    labels: list[Named] = []
    users: list[Named] = []
    hosts: list[Named] = []


class Tally:
    """Adds up the runs of several databases."""

    def __init__(self) -> None:
        self._failing = 0
        self._states: Counter[str] = Counter()
        self._since: Counter[str] = Counter()
        self._names: tuple[Counter[str | None], Counter[str | None], Counter[str | None]] = (
            Counter(), Counter(), Counter(),
        )  # fmt: skip

    def add(self, reader: Reader, scope: Scope = EVERYTHING, *, since_ts: float = 0.0) -> None:
        """The runs of a database, in one question. ``since_ts``: epoch seconds."""
        where, values = scope.sql("w.wf_id")
        rows = reader.rows(
            f"""SELECT w.dax_label, w.user, w.submit_hostname, coalesce(w.state, 'unstarted'), {FAILING},
                       coalesce(w.state_ts, w.first_ts, w.timestamp, 0) >= ?, count(*)
                FROM workflow w {clause(["w.parent_wf_id IS NULL", *where])} GROUP BY 1, 2, 3, 4, 5, 6""",
            [since_ts, *values],
        )
        for *names, state, failing, lately, runs in rows:
            self._states[state] += runs
            self._failing += runs if failing else 0
            self._since[state] += runs if lately else 0
            for counter, name in zip(self._names, names, strict=True):
                counter[name] += runs

    def totals(self) -> Totals:
        """What was added up."""
        labels, users, hosts = ([Named(name=name, runs=runs) for name, runs in _most(c)] for c in self._names)
        return Totals(
            runs=self._states.total(), failing=self._failing, states=dict(sorted(self._states.items())),
            since={state: n for state, n in sorted(self._since.items()) if n}, labels=labels, users=users, hosts=hosts,
        )  # fmt: skip


def _most(counter: Counter[str | None]) -> list[tuple[str | None, int]]:
    return sorted(counter.items(), key=lambda item: (-item[1], item[0] or ""))[:MOST_NAMES]
