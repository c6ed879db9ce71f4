"""What a run consisted of and how it went: what two runs of a workflow are compared by."""

from __future__ import annotations

from typing import Any

import msgspec

from stampede.query.ended import EndedTry, ended_tries
from stampede.query.remaining import kind_of
from stampede.query.workflows import Workflow, forest
from stampede.store.reader import Reader


class RunFacts(msgspec.Struct, kw_only=True):
    """One run with everything below it. Times are epoch seconds.

    ``versions`` has what made the run (planner, DAGMan, submit host, user), ``jobs`` how many jobs of each kind were
    planned, ``tasks`` the abstract tasks as ``id transformation``, ``edges`` the number of dependencies,
    ``executables`` the programs by kind. ``tries`` have ended, in the order in which they did; ``kinds`` tells the kind
    of each: the transformation, or in a plain DAG, where often one script does all, the name without its numbers.
    """

    wf_uuid: str
    label: str | None
    state: str
    started_ts: float
    ended_ts: float
    versions: dict[str, str]
    jobs: dict[str, int]
    tasks: frozenset[str]
    edges: int
    executables: dict[str, frozenset[str]]
    tries: list[EndedTry]
    kinds: list[str]

    @property
    def makespan_s(self) -> float:
        """From its first to its last record."""
        return self.ended_ts - self.started_ts


def facts_of(reader: Reader, root: Workflow) -> RunFacts:
    """The facts of a root workflow and all below it."""
    workflows = forest(reader, root)
    ids = ", ".join(str(w.wf_id) for w in workflows)
    plain = root.engine == "dagman"
    rows = reader.rows(
        f"""SELECT j.exec_job_id, j.type_desc, j.executable,
                   coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id))
            FROM job j WHERE j.wf_id IN ({ids}) AND j.node_type <> 'service'"""
    )
    jobs: dict[str, int] = {}
    executables: dict[str, set[str]] = {}
    for name, type_desc, executable, transformation in rows:
        kind = _kind(name, type_desc, transformation, plain)
        jobs[kind] = jobs.get(kind, 0) + 1
        executables.setdefault(kind, set()).add(executable or "")
    tries = ended_tries(reader, workflows)
    tasks = reader.rows(f"SELECT abs_task_id || ' ' || transformation FROM task WHERE wf_id IN ({ids})")
    edges = reader.one(f"SELECT count(*) FROM job_edge WHERE wf_id IN ({ids})") or (0,)
    started = root.first_ts or 0.0
    return RunFacts(
        wf_uuid=root.wf_uuid, label=root.label, state=root.state, started_ts=started,
        ended_ts=max([root.last_ts or started, *(w.last_ts or 0.0 for w in workflows)]),
        versions=_versions(reader, root), jobs=jobs, tasks=frozenset(str(t) for (t,) in tasks), edges=int(edges[0]),
        executables={k: frozenset(v) for k, v in executables.items()}, tries=tries,
        kinds=[_kind(t.path.rsplit("/", 1)[-1], t.type_desc, t.transformation, plain) for t in tries],
    )  # fmt: skip


def _kind(name: str, type_desc: str, transformation: str | None, plain: bool) -> str:
    if type_desc != "compute":
        return type_desc
    return kind_of(name, "").strip() if plain or not transformation else transformation


def _versions(reader: Reader, root: Workflow) -> dict[str, str]:
    row: tuple[Any, ...] | None = reader.one(
        "SELECT planner_version, dagman_version, submit_hostname, user FROM workflow WHERE wf_id = ?", (root.wf_id,)
    )
    names = ("planner", "dagman", "submit host", "user")
    return {name: str(value) for name, value in zip(names, row or (), strict=False) if value}
