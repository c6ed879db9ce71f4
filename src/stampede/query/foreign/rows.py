"""Rows of a database that Pegasus wrote, as they are there, some at a time: what an import reads.

Pegasus may still be writing, and an SQLite file of its has no write-ahead log: whoever reads keeps it from writing.
So each question here is a short one about a range of numbers of rows, and nothing is held between two of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import Final, Literal, TypeVar

import msgspec

from stampede.query.foreign.adopt import found_dir, is_regular
from stampede.query.foreign.kinds import Fault, Struct, Told
from stampede.query.foreign.master import Listed, lay_listed
from stampede.query.foreign.records import (
    CheckRow,
    EdgeRow,
    FileRow,
    InvocationRow,
    JobFact,
    JobRow,
    LfnRow,
    MetaRow,
    ReplicaRow,
    StateRow,
    TagRow,
    TaskRow,
    TryRow,
    WorkflowRow,
    WorkflowStateRow,
)
from stampede.query.foreign.runs import Run, derive_runs
from stampede.query.foreign.shape import look
from stampede.store.reader import Reader
from stampede.store.urls import is_server

R = TypeVar("R", bound=msgspec.Struct)
Numbered = Literal["job", "task", "job_instance", "rc_lfn"]
#: rows of a kind that are told one by one
_SAMPLES: Final = 100

_KEYS: Final[dict[Numbered, str]] = {
    "job": "job_id", "task": "task_id", "job_instance": "job_instance_id", "rc_lfn": "lfn_id",
}  # fmt: skip
#: other tables of Pegasus, of which nothing is taken (``dbversion`` says which version they are)
_OTHERS: Final = frozenset({
    "dbversion", "ensemble", "ensemble_workflow", "trigger", "master_workflow", "master_workflowstate", "rc_attr",
    "rc_lfn_new", "wf_meta", "wf_files", "integrity_meta",
})  # fmt: skip


def _columns(made: type[msgspec.Struct], *others: str) -> frozenset[str]:
    return frozenset((*made.__struct_fields__, *others))


#: the columns of their tables that are read, or that mean nothing beyond the row they are in
_KNOWN: Final[dict[str, frozenset[str]]] = {
    "workflow": _columns(WorkflowRow), "workflowstate": _columns(WorkflowStateRow),
    "workflow_meta": _columns(MetaRow, "meta_id", "wf_id"), "job": _columns(JobRow),
    "job_edge": frozenset({"wf_id", "parent_exec_job_id", "child_exec_job_id"}), "task": _columns(TaskRow, "job_id"),
    "task_edge": frozenset({"wf_id", "parent_abs_task_id", "child_abs_task_id"}),
    "task_meta": _columns(MetaRow, "meta_id", "task_id"), "rc_lfn": _columns(LfnRow),
    "rc_meta": _columns(MetaRow, "meta_id", "lfn_id"), "rc_pfn": _columns(ReplicaRow, "pfn_id", "lfn_id"),
    "workflow_files": _columns(FileRow, "wf_id", "task_id", "lfn_id"), "job_instance": _columns(TryRow),
    "host": frozenset({"host_id", "wf_id", "site", "hostname", "ip", "uname", "total_memory"}),
    "jobstate": _columns(StateRow, "job_instance_id"),
    "invocation": _columns(InvocationRow, "invocation_id", "wf_id", "job_instance_id"),
    "integrity": _columns(CheckRow, "integrity_id", "wf_id", "job_instance_id"),
    "tag": _columns(TagRow, "tag_id", "wf_id", "job_instance_id"),
    "file": frozenset({"file_id", "task_id", "lfn", "estimated_size", "md_checksum", "type"}),
}  # fmt: skip
_POST: Final = (
    "('POST_SCRIPT_STARTED', 'POST_SCRIPT_TERMINATED', 'POST_SCRIPT_SUCCESS', 'POST_SCRIPT_FAILED')"
)  # fmt: skip
_MAIN: Final = "('JOB_SUCCESS', 'JOB_FAILURE')"
_RANGE: Final = "BETWEEN ? AND ?"


class ForeignRows:
    """A database that Pegasus wrote, open for reading; ``told`` hears of what could not be taken as it was.

    Raises DatabaseError when it cannot be asked.
    """

    def __init__(self, reader: Reader, told: Told) -> None:
        self._reader, self._told = reader, told
        reader.tolerate()
        self._shape = look(reader)
        self._old_files = not self._has("rc_lfn") and "lfn" in self._shape.tables.get("file", ())

    # ---- workflows --------------------------------------------------------------------------------------------------

    @cached_property
    def _listed(self) -> Listed | None:
        return lay_listed(self._reader, self._shape)

    @cached_property
    def regular(self) -> bool:
        """Whether exits are regular codes, as before Pegasus 4; raw wait statuses since."""
        return is_regular(self._reader, self._shape)

    @cached_property
    def runs(self) -> dict[int, Run]:
        """How each workflow stands, by number."""
        return derive_runs(self._reader, self._shape, self._listed)

    def ended(self, wf_id: int) -> bool:
        """Whether the last run of a workflow has ended."""
        run = self.runs.get(wf_id)
        return run is not None and run.state not in ("running", "unstarted")

    def workflows(self) -> list[WorkflowRow]:
        """All workflows, those that it only lists too, in the order of their numbers."""
        place = "NULL" if is_server(self._reader.url) else found_dir(self._reader)
        source = self._listed.workflows if self._listed is not None else "main.workflow"
        root = self._shape.column("workflow", "root_wf_id") or "t.wf_id"
        columns = {"found_dir": place, "root_wf_id": root}
        return self._ask(WorkflowRow, "workflow", f"{source} t ORDER BY t.wf_id", columns)

    def states(self) -> list[WorkflowStateRow]:
        """The starts and ends of their engines, in order of time."""
        table = self._shape.table("workflowstate")
        if table is None:
            return []
        source = self._listed.states if self._listed is not None else f'main."{table}"'
        order = "t.timestamp, t.restart_count, t.state"
        return self._ask(WorkflowStateRow, "workflowstate", f"{source} t ORDER BY {order}")

    def workflow_meta(self) -> list[MetaRow]:
        """Keys and values of workflows."""
        return self._ask(MetaRow, "workflow_meta", "main.workflow_meta t ORDER BY t.wf_id", {"number": "t.wf_id"})

    def kinds_with_post(self, wf_ids: Sequence[int]) -> set[tuple[int, str]]:
        """Types of jobs of those workflows of which some have had their POST script."""
        if not (wf_ids and self._has("jobstate") and self._has("job_instance")):
            return set()
        kind = self._shape.column("job", "type_desc", "j") or "''"
        found: set[tuple[int, str]] = set()
        for wf_id in wf_ids:
            found |= {(wf_id, k) for (k,) in self._reader.rows(
                f"SELECT DISTINCT {kind} FROM main.job j JOIN main.job_instance i ON i.job_id = j.job_id "
                "JOIN main.jobstate s ON s.job_instance_id = i.job_instance_id WHERE j.wf_id = ? "
                "AND s.state IN ('POST_SCRIPT_SUCCESS', 'POST_SCRIPT_FAILED')", (wf_id,))}  # fmt: skip
        return found

    # ---- what is numbered -------------------------------------------------------------------------------------------

    def rows_in(self, table: Numbered) -> int:
        """How many rows a table has."""
        if not self._numbered(table):
            return 0
        return int((self._reader.one(f"SELECT count(*) FROM main.{self._numbered(table)}") or (0,))[0])

    def ranges(self, table: Numbered, span: int) -> Iterator[tuple[int, int]]:
        """Ranges of ``span`` numbers, multiples of it, in which the table has rows: the first and last number of each.

        They are the same each time, however many rows have come since.
        """
        named = self._numbered(table)
        if named is None:
            return
        key = "file_id" if named == "file" else _KEYS[table]
        after = 0
        while True:
            row = self._reader.one(f"SELECT min(t.{key}) FROM main.{named} t WHERE t.{key} >= ?", (after,))
            if row is None or row[0] is None:
                return
            first = int(row[0]) // span * span
            after = first + span
            yield first, after - 1

    def jobs(self, first: int, last: int) -> list[JobRow]:
        """The jobs of those numbers."""
        return self._ask(JobRow, "job", f"main.job t WHERE t.job_id {_RANGE} ORDER BY t.job_id", {}, (first, last))

    def job_facts(self, first: int, last: int) -> dict[int, JobFact]:
        """What follows from their tries, of those that have some."""
        if not (self._has("jobstate") and self._has("job_instance")):
            return {}
        ended = {job: (bool(post), bool(main)) for job, post, main in self._reader.rows(
            f"SELECT i.job_id, max(CASE WHEN s.state IN {_POST} THEN 1 ELSE 0 END), "
            f"max(CASE WHEN s.state IN {_MAIN} THEN 1 ELSE 0 END) FROM main.job_instance i "
            f"JOIN main.jobstate s ON s.job_instance_id = i.job_instance_id WHERE i.job_id {_RANGE} GROUP BY i.job_id",
            (first, last))}  # fmt: skip
        ran: dict[int, str | None] = {}
        if self._has("invocation"):
            for job, _, what in self._reader.rows(
                "SELECT i.job_id, i.job_submit_seq, v.transformation FROM main.job t "
                "JOIN main.job_instance i ON i.job_id = t.job_id LEFT JOIN main.invocation v ON "
                "v.job_instance_id = i.job_instance_id AND v.task_submit_seq > 0 "
                f"WHERE t.job_id {_RANGE} AND t.task_count = 0 ORDER BY 1, 2, v.task_submit_seq DESC", (first, last),
            ):  # fmt: skip
                ran[job] = what if what is None or isinstance(what, str) else str(what)
        return {job: JobFact(*ended.get(job, (False, False)), ran.get(job)) for job in ended.keys() | ran.keys()}

    def job_edges(self, first: int, last: int) -> list[EdgeRow]:
        """The edges that begin at those jobs."""
        return self._edges("job", "job_edge", "exec_job_id", f"p.job_id {_RANGE}", (first, last))

    def tasks(self, first: int, last: int) -> list[TaskRow]:
        """The tasks of those numbers."""
        job = "(SELECT j.exec_job_id FROM main.job j WHERE j.job_id = t.job_id)"
        job = job if self._shape.column("task", "job_id") else "NULL"
        source = f"main.task t WHERE t.task_id {_RANGE} ORDER BY t.task_id"
        return self._ask(TaskRow, "task", source, {"job": job}, (first, last))

    def task_edges(self, first: int, last: int) -> list[EdgeRow]:
        """The edges that begin at those tasks."""
        return self._edges("task", "task_edge", "abs_task_id", f"p.task_id {_RANGE}", (first, last))

    def task_meta(self, first: int, last: int) -> list[MetaRow]:
        """Keys and values of those tasks."""
        source = f"main.task_meta t WHERE t.task_id {_RANGE} ORDER BY t.task_id"
        return self._ask(MetaRow, "task_meta", source, {"number": "t.task_id"}, (first, last))

    def task_files(self, first: int, last: int) -> list[FileRow]:
        """The files of those tasks."""
        if self._old_files:
            source = f"main.file t WHERE t.task_id {_RANGE} ORDER BY t.file_id"
            return self._ask(FileRow, "file", source, {"number": "t.task_id", "file_type": "t.type"}, (first, last))
        source = (
            "main.task k JOIN main.workflow_files t ON t.wf_id = k.wf_id AND t.task_id = k.task_id "
            f"JOIN main.rc_lfn f ON f.lfn_id = t.lfn_id WHERE k.task_id {_RANGE} ORDER BY k.task_id, f.lfn_id"
        )
        return self._ask(FileRow, "workflow_files", source, {"number": "t.task_id", "lfn": "f.lfn"}, (first, last))

    def lfns(self, first: int, last: int) -> list[LfnRow]:
        """The files of those numbers."""
        key = "file_id" if self._old_files else "lfn_id"
        table = "file" if self._old_files else "rc_lfn"
        source = f"main.{table} t WHERE t.{key} {_RANGE} ORDER BY t.{key}"
        return self._ask(LfnRow, table, source, {"lfn_id": f"t.{key}", "lfn": "t.lfn"}, (first, last))

    def lfn_meta(self, first: int, last: int) -> list[MetaRow]:
        """Keys and values of those files."""
        if self._old_files:
            columns = {"number": "t.file_id", "key": "'size'", "value": "t.estimated_size"}
            return self._ask(MetaRow, "file", f"main.file t WHERE t.file_id {_RANGE}", columns, (first, last))
        source = f"main.rc_meta t WHERE t.lfn_id {_RANGE} ORDER BY t.lfn_id"
        return self._ask(MetaRow, "rc_meta", source, {"number": "t.lfn_id"}, (first, last))

    def replicas(self, first: int, last: int) -> list[ReplicaRow]:
        """Where those files lie."""
        source = f"main.rc_pfn t WHERE t.lfn_id {_RANGE} ORDER BY t.lfn_id"
        return self._ask(ReplicaRow, "rc_pfn", source, {"number": "t.lfn_id"}, (first, last))

    # ---- tries ------------------------------------------------------------------------------------------------------

    def tries(self, first: int, last: int) -> list[TryRow]:
        """The tries of those numbers."""
        columns = {"wf_id": "j.wf_id", "job": "j.exec_job_id",
                   "type_desc": self._shape.column("job", "type_desc", "j") or "NULL"}  # fmt: skip
        for field, name in (("host_site", "site"), ("hostname",) * 2, ("ip",) * 2, ("uname",) * 2,
                            ("total_memory",) * 2):  # fmt: skip
            columns[field] = self._shape.column("host", name, "h") or "NULL"
        source = "main.job_instance t LEFT JOIN main.job j ON j.job_id = t.job_id"
        columns["host_id"] = "NULL"
        if self._has("host"):
            source += " LEFT JOIN main.host h ON h.host_id = t.host_id"
            columns["host_id"] = "h.host_id"
        where = f"WHERE t.job_instance_id {_RANGE} ORDER BY t.job_instance_id"
        return self._ask(TryRow, "job_instance", f"{source} {where}", columns, (first, last))

    def try_states(self, first: int, last: int) -> list[StateRow]:
        """The states of those tries."""
        return self._of_tries(StateRow, "jobstate", first, last)

    def invocations(self, first: int, last: int) -> list[InvocationRow]:
        """What those tries ran."""
        return self._of_tries(InvocationRow, "invocation", first, last, ", t.task_submit_seq")

    def checks(self, first: int, last: int) -> list[CheckRow]:
        """The checksums of those tries."""
        return self._of_tries(CheckRow, "integrity", first, last)

    def tags(self, first: int, last: int) -> list[TagRow]:
        """The named counts of those tries."""
        return self._of_tries(TagRow, "tag", first, last)

    # ---- what has no place ------------------------------------------------------------------------------------------

    def misplaced(self, table: str, number: int, above: str) -> None:
        """Tell of a row that belongs to one that is not there."""
        self._told(Fault(table, number, "unplaceable", f"belongs to {above}, which is not there, and was left out"))

    def stray_edges(self) -> tuple[list[EdgeRow], list[EdgeRow]]:
        """Edges of jobs and of tasks that begin at one that has no row."""
        jobs = self._edges("job", "job_edge", "exec_job_id", "p.job_id IS NULL", ())
        return jobs, self._edges("task", "task_edge", "abs_task_id", "p.task_id IS NULL", ())

    def tell_unplaceable(self) -> None:
        """Tell of rows that belong to one that is not there, and of columns and tables that are not known."""
        for table, above, key in (
            ("jobstate", "job_instance", "job_instance_id"), ("invocation", "job_instance", "job_instance_id"),
            ("integrity", "job_instance", "job_instance_id"), ("tag", "job_instance", "job_instance_id"),
            ("task_meta", "task", "task_id"), ("workflow_files", "task", "task_id"), ("rc_meta", "rc_lfn", "lfn_id"),
            ("rc_pfn", "rc_lfn", "lfn_id"),
        ):  # fmt: skip
            named = self._shape.table(table)
            if named is None or not self._has(above) or self._shape.column(table, key) is None:
                continue
            for number, count in self._reader.rows(
                f'SELECT t.{key}, count(*) FROM main."{named}" t WHERE NOT EXISTS (SELECT 1 FROM main.{above} a '
                f"WHERE a.{key} = t.{key}) GROUP BY t.{key} ORDER BY t.{key} LIMIT {_SAMPLES}"
            ):
                self._told(Fault(named, number, "unplaceable", f"has {count} rows of {key} {number}, which is not in "
                                 f"{above}; they were left out"))  # fmt: skip
        self._tell_unknown()

    def _tell_unknown(self) -> None:
        for table in sorted(self._shape.tables):
            ours = next((name for name in _KNOWN if self._shape.table(name) == table), None)
            if ours is None:
                if table not in _OTHERS and not table.startswith("sqlite_"):
                    self._told(Fault(table, None, "unknown_table", "is no table of Pegasus that is known; nothing of "
                                     "it was taken"))  # fmt: skip
                continue
            taken = {(self._shape.column(ours, name, "") or "").strip('."') for name in _KNOWN[ours]}
            odd = sorted(self._shape.tables[table] - taken)
            if odd:
                self._told(Fault(table, None, "unknown_column", "has columns that are not known, of which nothing was "
                                 f"taken: {', '.join(odd)}"))  # fmt: skip

    # ---- how it is asked --------------------------------------------------------------------------------------------

    def _has(self, table: str) -> bool:
        return self._shape.table(table) is not None

    def _numbered(self, table: Numbered) -> str | None:
        if table == "rc_lfn" and self._old_files:
            return "file"
        return self._shape.table(table)

    def _ask(
        self, made: type[R], table: str, source: str, columns: Mapping[str, str] | None = None,
        given: Sequence[int] = (),
    ) -> list[R]:  # fmt: skip
        """Rows of a table (``t`` in ``source``); none when there is no such table."""
        if not self._has(table):
            return []
        maker = _made(made, table)
        said = ", ".join(
            (columns or {}).get(name) or self._shape.column(table, name) or "NULL" for name in maker.names
        )  # fmt: skip
        return maker.of(self._reader.rows(f"SELECT {said} FROM {source}", given), self._told)

    def _edges(self, above: str, table: str, name: str, where: str, given: Sequence[int]) -> list[EdgeRow]:
        if not (self._has(above) and self._has(table)):
            return []
        parent, child = f"parent_{name}", f"child_{name}"
        on = f"p.wf_id = t.wf_id AND p.{name} = t.{parent}"
        if given:
            source = f"main.{above} p JOIN main.{table} t ON {on} WHERE {where} ORDER BY p.{above}_id, t.{child}"
        else:
            source = f"main.{table} t LEFT JOIN main.{above} p ON {on} WHERE {where} ORDER BY 2, 3, 4"
        columns = {"number": f"p.{above}_id", "parent": f"t.{parent}", "child": f"t.{child}"}
        return self._ask(EdgeRow, table, source, columns, given)

    def _of_tries(self, made: type[R], table: str, first: int, last: int, then: str = "") -> list[R]:
        named = self._shape.table(table)
        if named is None or self._shape.column(table, "job_instance_id") is None:
            return []
        source = f'main."{named}" t WHERE t.job_instance_id {_RANGE} ORDER BY t.job_instance_id{then}'
        return self._ask(made, table, source, {"number": "t.job_instance_id"}, (first, last))


@cache
def _made(made: type[R], table: str) -> Struct[R]:
    """The maker of those structs."""
    return Struct(made, table)
