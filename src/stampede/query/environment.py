"""Where and with what a workflow ran: engine, planner, submit host, machines."""

from __future__ import annotations

import msgspec

from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

#: machines told by name
MOST_MACHINES = 100


class Machine(msgspec.Struct, kw_only=True):
    """A machine that ran something, by name (or address, where no name is known); ``memory_mb`` is what it has."""

    site: str
    hostname: str
    system: str | None
    memory_mb: float | None


class Environment(msgspec.Struct, kw_only=True):
    """What is known of the surroundings of a workflow; None where nothing tells."""

    engine: str | None
    planner_version: str | None
    dagman_version: str | None
    dagman_id: str | None
    user: str | None
    submit_hostname: str | None
    submit_dir: str | None
    dag: str | None
    machines: list[Machine]
    machines_in_all: int


def environment(reader: Reader, workflow: Workflow) -> Environment:
    """The surroundings of a workflow and of those below it."""
    row = reader.one("SELECT planner_version FROM workflow WHERE wf_id = ?", (workflow.wf_id,))
    machines = reader.rows(
        """SELECT DISTINCT h.site, coalesce(nullif(h.hostname, 'unknown'), h.ip), h.uname, h.total_memory / 1024.0
           FROM host h JOIN workflow w ON w.wf_id = h.wf_id
           WHERE (w.wf_id = ? OR w.root_wf_id = ?) ORDER BY 1, 2""",
        (workflow.wf_id, workflow.wf_id),
    )
    return Environment(
        engine=workflow.engine, planner_version=row[0] if row else None, dagman_version=workflow.dagman_version,
        dagman_id=workflow.dagman_id, user=workflow.user, submit_hostname=workflow.submit_hostname,
        submit_dir=workflow.found_dir or workflow.submit_dir, dag=workflow.dag,
        machines=[Machine(site=m[0], hostname=m[1], system=m[2], memory_mb=m[3]) for m in machines[:MOST_MACHINES]],
        machines_in_all=len(machines),
    )  # fmt: skip
