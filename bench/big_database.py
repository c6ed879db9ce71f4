"""A database of any number of jobs, written in bulk: what pictures and other questions are measured on.

The run is simulated: a heap of slots takes one job after the other; one try in fifty fails and is made again, most of
them on three bad hosts. Rows are those a load would have written, of the tables that these questions read.
"""

from __future__ import annotations

import heapq
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stampede.store.sqlite import open_writer

KINDS = (("mProject", 60.0), ("mDiffFit", 8.0), ("mBackground", 15.0), ("mShrink", 4.0), ("mAdd", 240.0),
         ("extract", 30.0), ("seismogram", 90.0), ("peakvals", 2.0))  # fmt: skip
START_TS = 1_795_300_000.0
HOSTS = 200
BAD_HOSTS = 3
#: rows of one statement
_BLOCK = 50_000

Row = tuple[Any, ...]


def fill(db: Path, jobs: int, *, seed: int = 1) -> Path:
    """Write a finished workflow of that many jobs; about ``jobs / 500`` slots (at least four) run it."""
    db.unlink(missing_ok=True)
    connection = open_writer(f"sqlite:///{db}")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    connection.execute(
        "INSERT INTO workflow(wf_id, wf_uuid, dag_file_name, dax_label, root_wf_id, engine, state, state_ts, "
        "restart_count, first_ts, timestamp) VALUES (1, ?, 'big.dag', 'big', 1, 'pegasus', 'failed', ?, 0, ?, ?)",
        (f"00000000-0000-4000-8000-{jobs:012d}", START_TS, START_TS, START_TS),
    )
    hosts = [(n + 1, 1, "pool", f"node{n:03d}.example.org", "0.0.0.0") for n in range(HOSTS)]
    connection.executemany("INSERT INTO host(host_id, wf_id, site, hostname, ip) VALUES (?, ?, ?, ?, ?)", hosts)
    last = _write(connection, _Simulation(jobs, random.Random(seed)))
    connection.execute("UPDATE workflow SET last_ts = ?, state_ts = ?", (last, last))
    failed = connection.execute("SELECT count(*) FROM job WHERE node_state = 'failed'").fetchone()[0]
    tries = connection.execute("SELECT count(*), sum(outcome = 'failed') FROM job_instance").fetchone()
    connection.execute(
        "INSERT INTO workflow_summary(wf_id, total, done, failed, submits, executes, attempts, attempts_failed) "
        "VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
        (jobs, jobs - failed, failed, tries[0], tries[0], tries[0], tries[1]),
    )
    connection.execute("COMMIT")
    connection.close()
    return db


_SQL = {
    "job": "INSERT INTO job(job_id, wf_id, exec_job_id, submit_file, type_desc, clustered, max_retries, executable, "
           "task_count, node_state, node_state_ts, attempts, last_job_instance_id) "
           "VALUES (?, 1, ?, '', 'compute', 0, 1, '/bin/x', 1, ?, ?, ?, ?)",
    "task": "INSERT INTO task(wf_id, job_id, abs_task_id, transformation, type_desc) VALUES (1, ?, ?, ?, 'compute')",
    "job_instance": "INSERT INTO job_instance(job_instance_id, job_id, host_id, job_submit_seq, site, exitcode, state, "
                    "state_ts, outcome, main_exitcode, submit_ts, execute_ts, end_ts, post_start_ts, post_end_ts, "
                    "local_duration, stdout_text) VALUES (?, ?, ?, ?, 'pool', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "invocation": "INSERT INTO invocation(wf_id, job_instance_id, task_submit_seq, start_time, remote_duration, "
                  "exitcode, transformation, executable) VALUES (1, ?, 1, ?, ?, ?, ?, '/bin/x')",
    "job_edge": "INSERT INTO job_edge VALUES (1, ?, ?)",
}  # fmt: skip


def _write(connection: sqlite3.Connection, simulation: _Simulation) -> float:
    """Write what the simulation tells, block by block; gives the time of the last record."""
    held: dict[str, list[Row]] = {table: [] for table in _SQL}
    for table, row in simulation.rows():
        held[table].append(row)
        if len(held[table]) >= _BLOCK:
            connection.executemany(_SQL[table], held[table])
            held[table].clear()
    for table, rows in held.items():
        connection.executemany(_SQL[table], rows)
    return simulation.last_ts


class _Simulation:
    def __init__(self, jobs: int, dice: random.Random) -> None:
        self.jobs = jobs
        self.dice = dice
        self.last_ts = START_TS
        count = max(4, jobs // 500)
        self.slots = [(START_TS + 5 + i * 0.01, i % HOSTS) for i in range(count)]
        self.instance = 0

    def rows(self) -> Iterator[tuple[str, Row]]:
        for job in range(1, self.jobs + 1):
            yield from self._job(job)

    def _job(self, job: int) -> Iterator[tuple[str, Row]]:
        kind, mean = KINDS[min(len(KINDS) - 1, job * len(KINDS) // (self.jobs + 1))]
        name = f"{kind}_ID{job:07d}"
        tries = 0
        ok = False
        over = START_TS
        while not ok and tries < 2:
            tries += 1
            ok, over, told = self._try(job, kind, mean, tries, over)
            yield from told
        state = "done" if ok else "failed"
        yield "job", (job, name, state, over, tries, self.instance)
        yield "task", (job, f"ID{job:07d}", kind)
        if job > 1:
            parent = max(1, job - 1 - self.jobs // len(KINDS))
            kind_above = KINDS[min(len(KINDS) - 1, parent * len(KINDS) // (self.jobs + 1))][0]
            yield "job_edge", (f"{kind_above}_ID{parent:07d}", name)

    def _try(
        self, job: int, kind: str, mean: float, number: int, after: float
    ) -> tuple[bool, float, list[tuple[str, Row]]]:
        free, host = heapq.heappop(self.slots)
        execute = max(free, after) + 1
        submit = max(after, execute - self.dice.expovariate(1 / 40))
        took = mean * self.dice.lognormvariate(0, 0.35)
        ok = self.dice.random() > (0.3 if host < BAD_HOSTS else 0.015)
        end = execute + (took if ok else took * self.dice.random())
        heapq.heappush(self.slots, (end, host))
        over = end + 2
        self.last_ts = max(self.last_ts, over)
        self.instance += 1
        code = 0 if ok else 256
        state = "POST_SCRIPT_SUCCESS" if ok else "POST_SCRIPT_FAILED"
        text = "" if ok else f"ValueError: bad input {job}"
        row = (self.instance, job, host + 1, self.instance, code, state, over, "success" if ok else "failed", code,
               submit, execute, end, end + 1, over, end - execute, text)  # fmt: skip
        run = (self.instance, execute + 0.5, max(0.0, end - execute - 0.5), code, kind)
        return ok, over, [("job_instance", row), ("invocation", run)]


if __name__ == "__main__":
    import sys

    fill(Path(sys.argv[1]), int(sys.argv[2]))
