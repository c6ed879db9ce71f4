"""As it stood at a time is what a load of everything up to that time gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from stampede import pipeline
from stampede.query import Reader, open_database
from stampede.query.moment import counted_at
from stampede.query.status import Attempts, Nodes, status
from stampede.query.workflows import find, forest

from .prefixes import loads_up_to_times

Read = Callable[[str], Reader]


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_c_rescue"])
def test_as_of_equals_a_load_up_to_then(corpus: Path, tmp_path: Path, name: str) -> None:
    for at, whole, root, partial in loads_up_to_times(corpus / name, tmp_path):
        then = status(partial, find(partial, root.wf_uuid)[0])[0]
        seen = status(whole, root, at=at)[0]
        assert (seen.state, seen.nodes, seen.attempts) == (then.state, then.nodes, then.attempts), at
        assert (seen.running, seen.held, seen.idle) == (then.running, then.held, then.idle), at


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
