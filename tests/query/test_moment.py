"""As it stood at a time is what a load of everything up to that time gives."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from stampede import pipeline
from stampede.query import Reader, open_database
from stampede.query.status import status
from stampede.query.workflows import find

Read = Callable[[str], Reader]


def prefixes(corpus: Path, name: str, parts: int) -> list[tuple[float, list[pipeline.Event]]]:
    """Times at which nothing happens, each with the events before it."""
    events = [e for e in pipeline.stream([corpus / name]) if not isinstance(e, pipeline.Problem)]
    first = next(i for i, e in enumerate(events) if e.NAME == "stampede.static.end")
    ordered = events[: first + 1] + sorted(events[first + 1 :], key=lambda e: e.ts or 0.0)
    cuts = [i + 1 for i, (a, b) in enumerate(pairwise(ordered)) if i > first and (a.ts or 0) + 1 <= (b.ts or 0)]
    step = max(1, len(cuts) // parts)
    return [((ordered[i - 1].ts or 0.0) + 0.5, ordered[:i]) for i in cuts[::step]]


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold"])
def test_as_of_equals_a_load_up_to_then(corpus: Path, tmp_path: Path, read: Read, name: str) -> None:
    reader = read(name)
    root = find(reader, None)[0]
    for number, (at, events) in enumerate(prefixes(corpus, name, 8)):
        file = tmp_path / f"{number}.jsonl"
        file.write_bytes(b"".join(pipeline.encoded(events, "jsonl", "current")))
        pipeline.load([file], f"sqlite:///{tmp_path / str(number)}.db")
        with open_database(f"sqlite:///{tmp_path / str(number)}.db") as partial:
            then = status(partial, find(partial, root.wf_uuid)[0])[0]
        seen = status(reader, root, at=at)[0]
        assert (seen.nodes, seen.attempts) == (then.nodes, then.attempts), f"{number}: at {at}"
        assert (seen.running, seen.held, seen.idle) == (then.running, then.held, then.idle), f"{number}: at {at}"


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
