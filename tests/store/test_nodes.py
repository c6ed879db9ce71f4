"""Ready, unready and futile nodes, kept with set operations in the database, are those of a model that looks at all."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.store.loader import Loader

from .samples import IDS, WF, attempt, counts, edge, job, load_batches, node_states, start

Parents = dict[str, set[str]]


class Model:
    """The node states of a DAG, told by looking at all nodes each time."""

    def __init__(self) -> None:
        self.parents: Parents = {}
        self.done: set[str] = set()
        self.failed: set[str] = set()

    def ancestors(self, name: str) -> set[str]:
        found: set[str] = set()
        todo = list(self.parents[name])
        while todo:
            parent = todo.pop()
            if parent not in found:
                found.add(parent)
                todo += self.parents[parent]
        return found

    def state(self, name: str) -> str:
        if name in self.done:
            return "done"
        if name in self.failed:
            return "failed"
        if self.ancestors(name) & self.failed:
            return "futile"
        return "ready" if self.parents[name] <= self.done else "unready"

    def states(self) -> dict[str, str]:
        return {name: self.state(name) for name in self.parents}


class Story:
    """Draws a legal run of a random DAG: jobs declared before and during it, tries that end well or not, retries."""

    def __init__(self, data: st.DataObject) -> None:
        self.draw = data.draw
        self.model = Model()
        self.seq = 0
        self.ts = 100.0

    def grow(self) -> list[Event]:
        """One more node below some of those that exist; its edges may come before it."""
        name = f"n{len(self.model.parents)}"
        known = sorted(self.model.parents)
        parents = set(self.draw(st.lists(st.sampled_from(known), max_size=3))) if known else set()
        self.model.parents[name] = parents
        events: list[Event] = [job(name), *(edge(parent, name) for parent in sorted(parents))]
        return self.draw(st.permutations(events))

    def run(self) -> list[Event]:
        """A node that may run runs; a failed one may be given another try."""
        ready = sorted(name for name, state in self.model.states().items() if state == "ready")
        failed = sorted(self.model.failed)
        if failed and (not ready or self.draw(st.booleans())):
            name = self.draw(st.sampled_from(failed))
            self.model.failed.discard(name)
            # the engine says so after the try, which takes less than 20 s, has ended
            return [ev.JobState(ts=self.ts + 19, xwf_id=WF, job_id=name, state="ready")]
        if not ready:
            return []
        name = self.draw(st.sampled_from(ready))
        ok = self.draw(st.booleans())
        (self.model.done if ok else self.model.failed).add(name)
        self.seq += 1
        self.ts += 20
        return list(attempt(name, self.seq, self.ts, exitcode=0 if ok else 256))

    def restart(self, count: int) -> list[Event]:
        everything = self.draw(st.booleans())
        self.model.failed.clear()
        if everything:
            self.model.done.clear()
        self.ts += 50
        return [start(self.ts, count, "all" if everything else "incomplete")]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_node_states_are_those_of_the_model_whatever_the_batches(data: st.DataObject) -> None:
    story = Story(data)
    events: list[Event] = []
    for _ in range(data.draw(st.integers(1, 6))):
        events += story.grow()
    events.append(start())
    for number in range(data.draw(st.integers(0, 10))):
        move = data.draw(st.sampled_from(["run", "run", "run", "grow", "restart"]))
        events += story.restart(number + 1) if move == "restart" else getattr(story, move)()
    cuts = sorted(data.draw(st.sets(st.integers(0, len(events)), max_size=4)))
    batches = [events[a:b] for a, b in zip([0, *cuts], [*cuts, len(events)], strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "x.sqlite"
        load_batches(database, batches)
        expected = story.model.states()
        assert node_states(database) == expected
        told = counts(database)
    tally = Counter(expected.values())
    assert {k: told[k] for k in ("done", "failed", "futile", "ready", "unready", "pre", "queued", "post")} == {
        **dict.fromkeys(("done", "failed", "futile", "ready", "unready", "pre", "queued", "post"), 0), **tally,
    }  # fmt: skip
    assert told["total"] == len(expected)


def test_a_node_whose_parents_are_done_is_ready_since_the_last_of_them(tmp_path: Path) -> None:
    database = tmp_path / "x.sqlite"
    events = [job("a"), job("b"), job("c"), edge("a", "c"), edge("b", "c"), start()]
    load_batches(database, [[*events, *attempt("a", 1, 100)], [*attempt("b", 2, 200)], [*attempt("z", 3, 900)]])
    connection = sqlite3.connect(database)
    row = connection.execute("SELECT node_state, node_state_ts FROM job WHERE exec_job_id = 'c'").fetchone()
    connection.close()
    assert row == ("ready", 203)


@pytest.mark.parametrize("node_type", ["final", "service", "provisioner"])
def test_nodes_that_dagman_starts_by_itself_are_never_called_ready(tmp_path: Path, node_type: str) -> None:
    database = tmp_path / "x.sqlite"
    load_batches(database, [[job("a"), job("x", node_type=node_type), start()], list(attempt("a", 1, 100))])
    assert node_states(database)["x"] == ("service" if node_type == "service" else "unready")
    assert counts(database)["total"] == (1 if node_type == "service" else 2)


def test_a_workflow_that_was_only_declared_is_settled_when_the_loader_closes(tmp_path: Path) -> None:
    database = tmp_path / "x.sqlite"
    load_batches(database, [[job("a"), job("b")], [edge("a", "b")]])
    assert node_states(database) == {"a": "ready", "b": "unready"}


def test_waking_nodes_looks_at_those_that_were_counted_only(tmp_path: Path) -> None:
    """Without statistics, as in a database that is still being written, SQLite has to be told which index is short."""
    with Loader(f"sqlite:///{tmp_path / 'x.db'}") as loader:
        plans: list[str] = []

        def explain(statement: str) -> None:
            if statement.startswith("SELECT j.exec_job_id") and "temp.counted" in statement:
                seen.append(statement)

        seen: list[str] = []
        loader.apply([job("a"), job("b"), edge("a", "b"), start()])
        loader.connection.set_trace_callback(explain)
        loader.apply([ev.JobInstMainTerm(**IDS, ts=30.0, js_id=1, status=0),
                      ev.JobInstMainEnd(**IDS, ts=31.0, js_id=2, status=0, exitcode=0)])  # fmt: skip
        loader.connection.set_trace_callback(None)
        for statement in seen:
            plans += [r[3] for r in loader.connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    assert len(seen) == 2
    assert not any("job_state_idx" in plan for plan in plans), plans
    assert any("exec_job_id=?" in plan for plan in plans), plans
