"""However many tries failed, they are counted as if each had been judged by itself."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stampede import pipeline
from stampede.analysis.triage import triage
from stampede.model.machine import machine
from stampede.query import Reader, evidence_tries, open_database, spread
from stampede.query.evidence import evidence
from stampede.query.workflows import list_workflows

Read = Callable[[str], Reader]
GENERATOR = Path(__file__).resolve().parents[2] / "bench" / "failing.py"


def summary(reader: Reader) -> list[tuple[Any, ...]]:
    found = triage(evidence(reader, list_workflows(reader)))
    return sorted(
        (c.label, c.node_count, sorted(c.nodes), c.attempts, c.share, sorted(c.hosts), c.resolved, c.blocks,
         c.retries_left, c.first_ts, c.last_ts)
        for c in found.causes
    )  # fmt: skip


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"])
def test_one_of_each_kind_tells_what_all_tell(read: Read, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = read(name)
    each = summary(reader)
    monkeypatch.setattr(evidence_tries, "FEW", 0)
    assert summary(reader) == each


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, int]]:
    """A database of 1,500 jobs of which 300 failed, and how many tries failed in each way."""
    folder = tmp_path_factory.mktemp("failing")
    told = runpy.run_path(str(GENERATOR))["write"](folder / "x.bp", 1500, 300)
    url = f"sqlite:///{folder / 'x.db'}"
    pipeline.load([folder / "x.bp"], url)
    return url, told


@pytest.mark.parametrize("few", [0, 2000])
def test_counts_are_exact_over_all_tries(
    generated: tuple[str, dict[str, int]], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, told = generated
    monkeypatch.setattr(evidence_tries, "FEW", few)
    with open_database(url) as reader:
        facts = evidence(reader, list_workflows(reader))
        found = triage(facts)
    assert sorted(c.attempts for c in found.causes) == sorted(told.values())
    assert found.judged_tries == sum(told.values())
    assert not found.incomplete
    assert (len(facts.tries) < 40) == (few == 0)
    full = next(c for c in found.causes if c.label == "disk_full")
    assert [(lift.name, lift.tries) for lift in full.lifts][:1] == [("node007.example.org", told["disk"])]


def test_a_sample_of_a_large_database_says_the_same(
    generated: tuple[str, dict[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_database(generated[0]) as reader:
        whole = spread.spread(reader, "1", 1500)
        monkeypatch.setattr(spread, "_WHOLE", 100)
        monkeypatch.setattr(spread, "_SAMPLE", 400)
        monkeypatch.setattr(spread, "_ENOUGH", 300)
        part = spread.spread(reader, "1", 1500)
    assert (whole.sampled, part.sampled) == (False, True)
    assert 300 <= part.tries < whole.tries
    assert part.sites.keys() == whole.sites.keys()


def test_failing_tries_are_found_by_their_index(generated: tuple[str, dict[str, int]]) -> None:
    """What they printed is not read: the cost of the count does not follow it."""
    from stampede.query.failing import _SQL

    with open_database(generated[0]) as reader:
        plan = " ".join(row[3] for row in reader.rows("EXPLAIN QUERY PLAN " + _SQL.format(ids="1")))
    assert "COVERING INDEX job_instance_failed_idx" in plan


def test_interruptions_are_found_by_their_index(generated: tuple[str, dict[str, int]]) -> None:
    from stampede.store.partial import AGAIN

    with open_database(generated[0]) as reader:
        plan = " ".join(row[3] for row in reader.rows(f"EXPLAIN QUERY PLAN SELECT 1 FROM job_instance WHERE {AGAIN}"))
    assert "job_instance_again_idx" in plan


def test_a_database_without_keys_is_judged_try_by_try(generated: tuple[str, dict[str, int]], tmp_path: Path) -> None:
    """One that an earlier release wrote: each try tells for itself, until it is loaded into again."""
    import shutil
    import sqlite3

    old = shutil.copy(Path(generated[0].removeprefix("sqlite:///")), tmp_path / "old.db")
    with sqlite3.connect(old) as connection:
        for index in ("job_instance_failed_idx", "job_instance_again_idx"):
            connection.execute(f"DROP INDEX {index}")
        connection.execute("ALTER TABLE job_instance DROP COLUMN alike")
        connection.execute("ALTER TABLE job_instance DROP COLUMN interrupted")
    connection.close()
    with open_database(f"sqlite:///{old}") as reader:
        assert sorted(row[3] for row in summary(reader)) == sorted(generated[1].values())
    pipeline.load([Path(generated[0].removeprefix("sqlite:///")).with_name("x.bp")], f"sqlite:///{old}")
    with open_database(f"sqlite:///{old}") as reader:
        assert "alike" in reader.columns("job_instance")


@pytest.mark.parametrize(
    ("slot", "hostname", "host"),
    [("slot1_2@node7", "x", "node7"), ("node7", None, "node7"), (None, "node8", "node8"), (None, "unknown", None)],
)
def test_the_machine_is_that_of_the_slot_else_that_of_the_record(
    slot: str | None, hostname: str | None, host: str | None
) -> None:
    assert machine(slot, hostname) == host


def test_what_waits_for_a_failed_node_is_found(read: Read) -> None:
    """pg_fail: seven nodes wait for findrange_ID0000003, directly or not."""
    reader = read("pg_fail")
    facts = evidence(reader, list_workflows(reader))
    assert facts.blocked is not None
    assert len(facts.blocked) == 7
    assert [c.blocks for c in triage(facts).causes if c.label == "exit_code"] == [7]
