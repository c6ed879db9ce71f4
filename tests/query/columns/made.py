"""A database of tries that a test makes up: as few columns as a picture of time needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stampede.places import url_of
from stampede.query import Reader, open_database
from stampede.store.sqlite import open_writer

START = 1_795_000_000.0


def made(path: Path, jobs: list[dict[str, Any]], edges: Sequence[tuple[str, str]] = (), now: float = 5000.0) -> Reader:
    """A running workflow with these jobs: ``name``, ``tries`` (each its columns; times in seconds after START), and
    columns of the job. Held tries have ``held``: [(since, until), ...]."""
    connection = open_writer(url_of(path))
    connection.execute("BEGIN")
    connection.execute(
        "INSERT INTO workflow(wf_id, wf_uuid, root_wf_id, state, first_ts, last_ts) "
        "VALUES (1, 'u', 1, 'running', ?, ?)",
        (START, START + now),
    )
    instance = 0
    for number, job in enumerate(jobs, 1):
        tries = job.get("tries", [])
        _insert(connection, "job", {
            "job_id": number, "wf_id": 1, "exec_job_id": job["name"], "submit_file": "", "type_desc": "compute",
            "clustered": 0, "max_retries": 0, "executable": "", "task_count": 1, "attempts": len(tries),
            "last_job_instance_id": instance + len(tries) or None,
            **{k: v for k, v in job.items() if k not in ("name", "tries")},
        })  # fmt: skip
        for one in tries:
            instance += 1
            held = one.get("held", [])
            _insert(connection, "job_instance", {
                "job_instance_id": instance, "job_id": number, "job_submit_seq": instance, "hold_count": len(held),
                **{k: START + v if k.endswith("_ts") and v is not None else v for k, v in one.items() if k != "held"},
            })  # fmt: skip
            for seq, (since, until) in enumerate(held):
                _insert(connection, "hold", {
                    "job_instance_id": instance, "seq": seq, "held_ts": START + since,
                    "released_ts": None if until is None else START + until,
                })  # fmt: skip
    for parent, child in edges:
        connection.execute("INSERT INTO job_edge VALUES (1, ?, ?)", (parent, child))
    connection.execute("COMMIT")
    connection.close()
    return open_database(url_of(path))


def _insert(connection: Any, table: str, row: dict[str, Any]) -> None:
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table}({', '.join(row)}) VALUES ({marks})", list(row.values()))
