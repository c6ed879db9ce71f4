"""As it stood at a time is what a load of everything up to that time gives."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from stampede import pipeline
from stampede.query import Reader, open_database
from stampede.query.moment import counted_at
from stampede.query.status import Attempts, Nodes, status
from stampede.query.workflows import find, forest

Read = Callable[[str], Reader]


def engine_log_only(corpus: Path, name: str, target: Path) -> Path:
    """A copy of a run without what was written beside DAGMan's own log, and that log."""
    folder = Path(shutil.copytree(corpus / name, target))
    for pattern in ("*.log", "*.metrics", "*.status", "*.rescue*", "*.lib.*"):
        for file in folder.glob(pattern):
            file.unlink()
    return next(folder.glob("*.dag.dagman.out"))


def prefixes(folder: Path, parts: int) -> Iterator[tuple[float, list[pipeline.Event]]]:
    """Some times at which nothing happens, each with all events before it.

    DAGMan notes what happened some seconds later, so a beginning of its log is not what was the case at its end: the
    events are put into the order of their own times first.
    """
    events = [e for e in pipeline.stream([folder]) if not isinstance(e, pipeline.Problem)]
    static = 1 + next(i for i, e in enumerate(events) if e.NAME == "stampede.static.end")
    ordered = events[:static] + sorted(events[static:], key=lambda e: e.ts or 0.0)
    cuts = [i for i in range(static + 1, len(ordered)) if (ordered[i].ts or 0) >= (ordered[i - 1].ts or 0) + 1]
    for i in cuts[:: max(1, len(cuts) // parts)]:
        yield (ordered[i - 1].ts or 0.0) + 0.5, ordered[:i]


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_c_rescue"])
def test_as_of_equals_a_load_up_to_then(corpus: Path, tmp_path: Path, name: str) -> None:
    folder = engine_log_only(corpus, name, tmp_path / "run").parent
    pipeline.load([folder], f"sqlite:///{tmp_path}/whole.db")
    with open_database(f"sqlite:///{tmp_path}/whole.db") as whole:
        root = find(whole, None)[0]
        for number, (at, events) in enumerate(prefixes(folder, 12)):
            file = tmp_path / f"{number}.jsonl"
            file.write_bytes(b"".join(pipeline.encoded(events, "jsonl", "current")))
            pipeline.load([file], f"sqlite:///{tmp_path / str(number)}.db")
            with open_database(f"sqlite:///{tmp_path / str(number)}.db") as partial:
                then = status(partial, find(partial, root.wf_uuid)[0])[0]
            seen = status(whole, root, at=at)[0]
            assert (seen.state, seen.nodes, seen.attempts) == (then.state, then.nodes, then.attempts), (number, at)
            assert (seen.running, seen.held, seen.idle) == (then.running, then.held, then.idle), (number, at)


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"])
def test_as_of_the_end_is_now(read: Read, name: str) -> None:
    reader = read(name)
    root = find(reader, None)[0]
    assert status(reader, root, at=(root.last_ts or 0) + 1) == status(reader, root)


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_e_subdag"])
def test_counts_never_fall_and_always_add_up(read: Read, name: str) -> None:
    reader = read(name)
    root = find(reader, None)[0]
    done = submits = 0
    for at in range(int(root.first_ts or 0), int(root.last_ts or 0) + 2, 5):
        s = status(reader, root, at=at)[0]
        n = s.nodes
        assert n.done + n.failed + n.futile + n.ready + n.unready + n.pre + n.queued + n.post == n.total
        assert n.done >= done
        assert s.attempts.submits >= submits
        done, submits = n.done, s.attempts.submits


@pytest.mark.shared
@pytest.mark.parametrize(
    "name", ["pg_hier_fail", "pg_rescue", "pg_rerun_after_success", "pg_killed", "dm_h_rm", "dm_n_halt"]
)
def test_history_and_kept_counts_agree_on_restarts(shared: Path, tmp_path: Path, name: str) -> None:
    """Counts from the history of states are those the loader kept, also after rescue, recovery and a second run."""
    url = f"sqlite:///{tmp_path}/x.db"
    pipeline.load([shared / "corpus" / "runs" / name / "submit"], url)
    with open_database(url) as reader:
        for wf in forest(reader, find(reader, None)[0]):
            then = counted_at(reader, wf, 1e18)
            nodes, attempts = Nodes(total=len(then.states), **then.by_state), Attempts(**then.attempts)
            kept = reader.one(
                f"SELECT {', '.join(Nodes.__struct_fields__)} FROM workflow_summary WHERE wf_id = ?", [wf.wf_id]
            )
            assert msgspec.structs.astuple(nodes) == kept
            assert attempts == status(reader, wf)[0].attempts
