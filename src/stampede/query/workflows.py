"""Which workflows there are, and which one somebody means."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from stampede.errors import UnknownWorkflowError, UsageError
from stampede.store.reader import Reader
from stampede.store.urls import shown


class Workflow(msgspec.Struct, kw_only=True):
    """A workflow: who and where it is, how it stands, and its counts. Times are epoch seconds."""

    wf_id: int
    wf_uuid: str
    label: str | None
    dag: str | None
    engine: str | None
    user: str | None
    submit_hostname: str | None
    submit_dir: str | None
    found_dir: str | None
    parent_wf_uuid: str | None
    parent_job: str | None
    root_wf_uuid: str | None
    state: str
    state_reason: str | None
    exit_status: int | None
    restart_count: int
    planned_ts: float | None
    first_ts: float | None
    last_ts: float | None
    dagman_id: str | None
    dagman_version: str | None
    total: int
    done: int
    failed: int

    @property
    def percent_done(self) -> float:
        """Nodes done, in percent; 100 for a workflow without nodes that ended well."""
        if not self.total:
            return 100.0 if self.state == "success" else 0.0
        return 100.0 * self.done / self.total


_COLUMNS = """
    w.wf_id, w.wf_uuid, w.dax_label, w.dag_file_name, w.engine, w.user, w.submit_hostname, w.submit_dir, w.found_dir,
    p.wf_uuid, w.parent_exec_job_id, r.wf_uuid, coalesce(w.state, 'unstarted'), w.state_reason, w.exit_status,
    coalesce(w.restart_count, 0), w.timestamp, w.first_ts, w.last_ts, w.dagman_id, w.dagman_version,
    coalesce(s.total, 0), coalesce(s.done, 0), coalesce(s.failed, 0)
"""
_FROM = """
    FROM workflow w LEFT JOIN workflow p ON p.wf_id = w.parent_wf_id LEFT JOIN workflow r ON r.wf_id = w.root_wf_id
    LEFT JOIN workflow_summary s ON s.wf_id = w.wf_id
"""

#: when a workflow began, or was planned to
_BEGAN = "coalesce(w.first_ts, w.timestamp)"
#: names that a list may be sorted by -> column
SORTS = {
    "started": _BEGAN,
    "planned": "w.timestamp",
    "label": "w.dax_label",
    "state": "w.state",
    "total": "s.total",
    "failed": "s.failed",
    "user": "w.user",
}


def list_workflows(
    reader: Reader,
    *,
    state: str | None = None,
    label: str | None = None,
    user: str | None = None,
    sub: bool = False,
    sort: str = "started",
    descending: bool = True,
    limit: int = 100,
) -> list[Workflow]:
    """Workflows by filter; roots only unless ``sub``. ``label`` may hold ``*``. Raises UsageError for a bad sort."""
    if sort not in SORTS:
        raise UsageError(f"Workflows cannot be sorted by {sort}; known are {', '.join(SORTS)}.")
    where, values = [], []
    if not sub:
        where.append("w.parent_wf_id IS NULL")
    for column, value in (("w.state", state), ("w.user", user)):
        if value is not None:
            where.append(f"{column} = ?")
            values.append(value)
    if label is not None:
        where.append("w.dax_label GLOB ?")
        values.append(label)
    clause = f"WHERE {' AND '.join(where)}" if where else ""
    order = f"ORDER BY {SORTS[sort]} {'DESC' if descending else 'ASC'}, w.wf_id DESC LIMIT {int(limit)}"
    return [_workflow(row) for row in reader.rows(f"SELECT {_COLUMNS} {_FROM} {clause} {order}", values)]


def _workflow(row: tuple[object, ...]) -> Workflow:
    return Workflow(**dict(zip(Workflow.__struct_fields__, row, strict=True)))  # type: ignore[arg-type]


def find(reader: Reader, name: str | None) -> list[Workflow]:
    """The root workflows that a name means: a uuid (or the start of one), a label, or a submit directory or file in it.

    None means the workflow that was started last. A label means its latest run. A directory may hold several roots.
    Raises UnknownWorkflowError when there is none.
    """
    if name is None:
        found = list_workflows(reader, limit=1)
    else:
        found = _by_path(reader, name) or _by_uuid(reader, name) or _by_label(reader, name)
    if not found:
        what = f"no workflow {name!r}" if name is not None else "no workflow"
        known = ", ".join(f"{w.label} ({w.wf_uuid[:8]})" for w in list_workflows(reader, limit=3))
        hint = f" It has {known}." if known else " It is empty."
        raise UnknownWorkflowError(
            f"There is {what} in {shown(reader.url)}.{hint} Load it with: stampede load SUBMIT_DIR"
        )
    return found


def _where(reader: Reader, condition: str, values: Iterable[object]) -> list[Workflow]:
    return [_workflow(row) for row in reader.rows(f"SELECT {_COLUMNS} {_FROM} WHERE {condition}", list(values))]


def of_uuid(reader: Reader, wf_uuid: str) -> Workflow | None:
    """The workflow, root or not, that has exactly this uuid."""
    found = _where(reader, "w.wf_uuid = ?", [wf_uuid])
    return found[0] if found else None


def again(reader: Reader, workflows: list[Workflow]) -> list[Workflow]:
    """The same workflows as the database has them now, without those it has not."""
    marks = ", ".join("?" * len(workflows))
    found = {w.wf_id: w for w in _where(reader, f"w.wf_id IN ({marks})", [w.wf_id for w in workflows])}
    return [found[w.wf_id] for w in workflows if w.wf_id in found]


def _by_path(reader: Reader, name: str) -> list[Workflow]:
    path = Path(name)
    if "\0" in name or (not path.exists() and os.sep not in name):  # no path has a NUL
        return []
    folder = path if path.is_dir() or not path.exists() else path.parent
    places = {str(folder), os.path.abspath(folder), os.path.realpath(folder)}
    marks = ", ".join("?" * len(places))
    found = _where(reader, f"(w.found_dir IN ({marks}) OR w.submit_dir IN ({marks}))", [*places, *places])
    dag = path.name.removesuffix(".dagman.out")
    if path.is_file() and dag.endswith(".dag"):
        return [w for w in found if w.dag == dag]
    inside = {w.wf_uuid for w in found}
    return [w for w in found if w.parent_wf_uuid not in inside]


def _by_uuid(reader: Reader, name: str) -> list[Workflow]:
    if len(name) < 4 or any(c not in "0123456789abcdefABCDEF-" for c in name):
        return []
    return _where(reader, "w.wf_uuid LIKE ? || '%' LIMIT 2", [name])[:1]


def _by_label(reader: Reader, name: str) -> list[Workflow]:
    return _where(reader, f"w.dax_label = ? AND w.parent_wf_id IS NULL ORDER BY {_BEGAN} DESC LIMIT 1", [name])


def roots_above(reader: Reader, wf_uuids: Iterable[str]) -> dict[str, str]:
    """For each of these workflows that is here, in their order: the uuid of the root above it (its own, of a root)."""
    sql = "SELECT w.wf_uuid, r.wf_uuid FROM workflow w JOIN workflow r ON r.wf_id = w.root_wf_id"
    known: dict[str, str] = dict(reader.rows(sql))
    return {uuid: known[uuid] for uuid in wf_uuids if uuid in known}


def forest(reader: Reader, root: Workflow) -> list[Workflow]:
    """A workflow and all workflows below it, parents first."""
    found = [
        _workflow(row)
        for row in reader.rows(
            f"""WITH RECURSIVE below(id) AS (
                    SELECT :id UNION SELECT w.wf_id FROM workflow w JOIN below b ON w.parent_wf_id = b.id)
                SELECT {_COLUMNS} {_FROM} JOIN below b ON b.id = w.wf_id ORDER BY w.wf_id""",
            {"id": root.wf_id},
        )
    ]
    return sorted(found, key=lambda w: w.wf_id != root.wf_id)


def paths(workflows: list[Workflow]) -> dict[int, str]:
    """The prefix of node names of each workflow: empty for roots, ``inner/`` below."""
    known = {w.wf_uuid: w for w in workflows}
    found = {}
    for w in workflows:
        names: list[str] = []
        at: Workflow | None = w
        while at is not None and at.parent_wf_uuid in known and len(names) < 32:
            names.append(at.label or (at.dag or "").removesuffix(".dag") or at.wf_uuid[:8])
            at = known.get(at.parent_wf_uuid or "")
        found[w.wf_id] = "".join(f"{n}/" for n in reversed(names))
    return found
