"""A database of many runs (root workflows), written in bulk: what the list of runs is measured on.

A few hundred labels of some users and hosts; one run in ten has sub-workflows; the newest still run. Each run has
counts, few have jobs: the list asks for none.
"""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path
from typing import Any

from stampede.store.sqlite import open_writer

NEWEST_TS = 1_795_900_000.0
#: seconds between the beginnings of runs, on average
BETWEEN_S = 90.0
LABELS = 200
USERS = ("ada", "bert", "chen", "dora", "emil", "fay")
HOSTS = ("submit1.example.org", "submit2.example.org", "login.example.edu")
KINDS = ("montage", "cybershake", "epigenomics", "ligo", "sipht", "soykb", "rnaseq", "galactic")
RUNNING = 40

Row = tuple[Any, ...]


def fill(db: Path, runs: int, *, seed: int = 1) -> Path:
    """Write a database of that many runs."""
    db.unlink(missing_ok=True)
    connection = open_writer(f"sqlite:///{db}")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    _write(connection, runs, random.Random(seed))
    connection.execute("COMMIT")
    connection.close()
    return db


def _write(connection: sqlite3.Connection, runs: int, dice: random.Random) -> None:
    labels = [f"{KINDS[n % len(KINDS)]}-{n:03d}" for n in range(LABELS)]
    usual_s = {label: dice.lognormvariate(7, 1) for label in labels}
    workflows: list[Row] = []
    counts: list[Row] = []
    key = 0
    for number in range(runs):
        key += 1
        label = dice.choice(labels)
        started = NEWEST_TS - (runs - number) * BETWEEN_S
        state = (
            "running" if number >= runs - RUNNING else dice.choices(("success", "failed", "removed"), (85, 13, 2))[0]
        )
        ended = started + usual_s[label] * dice.lognormvariate(0, 0.2)
        about = (f"{label}.dag", label, dice.choice(USERS), dice.choice(HOSTS), f"/home/{label}/run{number:06d}")
        below = 3 if number % 10 == 0 else 0
        root = key
        for place in range(below + 1):
            workflows.append(_workflow(key, root if place else None, root, about, state, started, ended))
            counts.append(_counts(key, state, dice))
            key += 1
        key -= 1
    connection.executemany(
        "INSERT INTO workflow(wf_id, wf_uuid, parent_wf_id, root_wf_id, dag_file_name, dax_label, user, "
        "submit_hostname, submit_dir, parent_exec_job_id, engine, state, state_ts, restart_count, timestamp, first_ts, "
        "last_ts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pegasus', ?, ?, 0, ?, ?, ?)",
        workflows,
    )
    connection.executemany(
        "INSERT INTO workflow_summary(wf_id, total, done, failed, futile, queued, attempts, attempts_failed) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        counts,
    )


def _workflow(
    key: int, parent: int | None, root: int, about: Row, state: str, started: float, ended: float
) -> Row:  # fmt: skip
    uuid = f"00000000-0000-4000-9000-{key:012d}"
    job = f"subwf_{key - root}" if parent is not None else None
    return (key, uuid, parent, root, *about, job, state, started if state == "running" else ended, started, started,
            ended)  # fmt: skip


def _counts(key: int, state: str, dice: random.Random) -> Row:
    total = int(dice.lognormvariate(5, 1)) + 1
    failed = 1 + total // 50 if state == "failed" else int(state == "running" and dice.random() < 0.1)
    futile = (total - failed) // 4 if state == "failed" else 0
    queued = total // 3 if state == "running" else 0
    done = total - failed - futile - queued
    retried = int(total * 0.02)
    return (key, total, max(done, 0), failed, futile, queued, total + retried, failed + retried)


if __name__ == "__main__":
    import sys

    fill(Path(sys.argv[1]), int(sys.argv[2]))
