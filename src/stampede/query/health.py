"""Whether a database is sound: the file itself, references between rows, and summaries that equal what they sum up."""

from __future__ import annotations

import msgspec

from stampede.errors import UsageError
from stampede.query.statistics.scope import asking
from stampede.store import blocks
from stampede.store.entities import COUNTS
from stampede.store.migrations.comparing import differences
from stampede.store.migrations.shape import NUMBER, SAID, Standing, stood
from stampede.store.reader import Reader
from stampede.store.rebuild import RECOUNT, same
from stampede.store.sealing import block_rows
from stampede.store.sqlite import DURATION_OF_JOB, PEGASUS_VERSION, STAMPEDE_VERSION
from stampede.store.urls import kind_of

_SAMPLES = 5
_DIFFERENCES = 20


class Check(msgspec.Struct, kw_only=True):
    """One thing that was looked at: ``faults`` 0 is well; ``samples`` of what is wrong; what to do about it.

    ``serious`` is False for what is only worth knowing.
    """

    name: str
    faults: int
    samples: list[str] = []
    remedy: str = ""
    serious: bool = True


class Health(msgspec.Struct, kw_only=True):
    """All checks of a database, and how much is in it."""

    url: str
    schema_version: str | None
    #: which revision the tables have, and the newest that this release knows
    revision: int
    newest_revision: int
    pegasus_version: int | None
    rows: dict[str, int]
    checks: list[Check]

    @property
    def ok(self) -> bool:
        return not any(c.faults and c.serious for c in self.checks)


def check(reader: Reader) -> Health:
    """Look at everything. Reads the whole database."""
    if reader.is_adopted:
        raise UsageError(f"{reader.url} was written by Pegasus; only databases of Stampede are checked.")
    said: dict[str, str] = dict(reader.rows(SAID))
    tables_are = stood(kind_of(reader.url), said, reader.places())
    pegasus = reader.one("SELECT max(version_number) FROM dbversion")
    tables = ("workflow", "job", "job_instance", "jobstate", "invocation", "task", "problem")
    return Health(
        url=reader.url,
        schema_version=said.get(NUMBER),
        revision=tables_are.revision,
        newest_revision=STAMPEDE_VERSION,
        pegasus_version=pegasus[0] if pegasus else None,
        rows={t: (reader.one(f"SELECT count(*) FROM {t}") or (0,))[0] for t in tables},
        checks=[
            _integrity(reader), _version(tables_are, pegasus), _tables(reader, tables_are), _references(reader),
            _edges(reader), _last_tries(reader), _durations(reader), _summaries(reader), _statistics(reader),
            _stubs(reader),
        ],
    )  # fmt: skip


def _integrity(reader: Reader) -> Check:
    faults = reader.damage()
    return Check(name="file integrity", faults=len(faults), samples=faults[:_SAMPLES],
                 remedy="The file is damaged: load the submit directories into a new database.")  # fmt: skip


def _version(tables_are: Standing, pegasus: tuple[object, ...] | None) -> Check:
    """A file is brought to our revision by who writes to it next; a server is when it is asked for."""
    wrong = []
    if tables_are.moving:
        wrong.append(f"a change from or to revision {tables_are.highest} is under way or was broken off")
    elif tables_are.revision < STAMPEDE_VERSION:
        wrong.append(f"the tables have revision {tables_are.revision}, the newest is {STAMPEDE_VERSION}")
    elif tables_are.says != STAMPEDE_VERSION:
        wrong.append(f"the tables have revision {tables_are.revision}, but say {tables_are.says}")
    serious = tables_are.moving
    if not pegasus or pegasus[0] != PEGASUS_VERSION:
        wrong.append(f"Pegasus schema version {pegasus[0] if pegasus else 'missing'}, expected {PEGASUS_VERSION}")
        serious = True
    return Check(name="schema version", faults=len(wrong), samples=wrong, serious=serious,
                 remedy="Bring it up to date with: stampede db upgrade")  # fmt: skip


def _tables(reader: Reader, tables_are: Standing) -> Check:
    found = differences(reader)
    older = tables_are.revision < STAMPEDE_VERSION
    return Check(
        name="tables that differ from those of the newest revision" if older else "tables that are not as declared",
        faults=len(found), samples=found[:_DIFFERENCES], serious=not older,
        remedy="Bring it up to date with: stampede db upgrade" if older
        else "Put back by hand what was changed, or load the submit directories into a new database.",
    )  # fmt: skip


def _references(reader: Reader) -> Check:
    rows = reader.orphans()
    return Check(
        name="rows that refer to missing rows", faults=len(rows), samples=rows[:_SAMPLES],
        remedy="Load the submit directories into a new database.",
    )  # fmt: skip


def _edges(reader: Reader) -> Check:
    rows = reader.rows(
        """SELECT e.parent_exec_job_id, e.child_exec_job_id FROM job_edge e
           LEFT JOIN job p ON p.wf_id = e.wf_id AND p.exec_job_id = e.parent_exec_job_id
           LEFT JOIN job c ON c.wf_id = e.wf_id AND c.exec_job_id = e.child_exec_job_id
           WHERE p.job_id IS NULL OR c.job_id IS NULL"""
    )
    return Check(
        name="edges between unknown jobs", faults=len(rows), samples=[f"{p} -> {c}" for p, c in rows[:_SAMPLES]],
        remedy="The jobs were not declared yet; load the whole submit directory.", serious=False,
    )  # fmt: skip


def _last_tries(reader: Reader) -> Check:
    rows = reader.rows(
        """SELECT j.exec_job_id FROM job j LEFT JOIN job_instance i ON i.job_instance_id = j.last_job_instance_id
           WHERE (j.last_job_instance_id IS NOT NULL AND i.job_id IS NOT j.job_id)
              OR j.attempts <> (SELECT count(*) FROM job_instance k WHERE k.job_id = j.job_id)"""
    )
    return Check(
        name="jobs whose tries do not add up", faults=len(rows), samples=[r[0] for r in rows[:_SAMPLES]],
        remedy="Load the submit directories into a new database, and report this.",
    )  # fmt: skip


def _durations(reader: Reader) -> Check:
    kept = "duration_s" in reader.columns("job")
    rows = reader.rows(f"SELECT exec_job_id FROM job WHERE duration_s IS NOT {DURATION_OF_JOB}") if kept else []
    return Check(
        name="jobs whose duration is not that of their last try", faults=len(rows),
        samples=[r[0] for r in rows[:_SAMPLES]], remedy="Mend them with: stampede db rebuild-summaries",
    )  # fmt: skip


def _summaries(reader: Reader) -> Check:
    kept = {r[0]: r[1:] for r in reader.rows(f"SELECT wf_id, {', '.join(COUNTS)} FROM workflow_summary")}
    names: dict[int, str] = dict(reader.rows("SELECT wf_id, coalesce(dax_label, wf_uuid) FROM workflow"))
    faults = [
        f"{names.get(wf_id)}: {name} is {had}, counted {counted}"
        for wf_id, *counts in reader.rows(RECOUNT)
        for name, had, counted in zip(COUNTS, kept.get(wf_id, (None,) * len(COUNTS)), counts, strict=True)
        if had != counted
    ]
    return Check(name="summaries that differ from a recount", faults=len(faults), samples=faults[:_SAMPLES],
                 remedy="Mend them with: stampede db rebuild-summaries")  # fmt: skip


def _statistics(reader: Reader) -> Check:
    kept = bool(reader.columns("statistics_block"))
    ask, faults = asking(reader), []
    blocks.prepare(ask)
    for (block,) in reader.rows("SELECT block FROM statistics_block") if kept else []:
        several = len(blocks.workflows_of(ask, block)) > 1
        counted = dict(block_rows(ask, block, several=several))
        rows = {table: reader.rows(f"SELECT * FROM {table} WHERE block = ?", (block,)) for table in blocks.TABLES}
        if not same(rows, counted):
            faults.append(f"jobs {block << blocks.SHIFT} to {(block + 1 << blocks.SHIFT) - 1}")
    return Check(name="statistics that differ from a recount", faults=len(faults), samples=faults[:_SAMPLES],
                 remedy="Mend them with: stampede db rebuild-summaries")  # fmt: skip


def _stubs(reader: Reader) -> Check:
    rows = reader.rows("SELECT exec_job_id FROM job WHERE NOT declared LIMIT 100000")
    return Check(
        name="jobs that ran but were never declared", faults=len(rows), samples=[r[0] for r in rows[:_SAMPLES]],
        remedy="The DAG file or the planner's events are missing; load them too if you have them.", serious=False,
    )  # fmt: skip
