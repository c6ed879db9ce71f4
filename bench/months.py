"""``months``: the same rows in a plain PostgreSQL and in one that keeps states by months; what each question costs.

24 months with as many workflows each, of which every job has one try with six states, written by SQL. Told are the
seconds of loads of new workflows, of looks back, of questions by try and of windows of time, of what it takes to get
rid of a month, and of VACUUM; each in turns, the best of several. A server that has nothing else to do is wanted.
"""

from __future__ import annotations

import functools
import itertools
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from bench import workload
from bench.measure import ratio, workspace
from bench.measured import Measured
from bench.workload import Stampede
from stampede.store.months.month import Month
from stampede.store.months.verbs import Way, partition
from tests.servers import database

MONTHS: Final = 24
WORKFLOWS: Final = 7
_STATES: Final = "('SUBMIT', 0, 1), ('EXECUTE', 30, 2), ('JOB_TERMINATED', 90, 3), ('JOB_SUCCESS', 90, 4), " \
                 "('POST_SCRIPT_STARTED', 91, 5), ('POST_SCRIPT_SUCCESS', 93, 6)"  # fmt: skip
#: jobs of a workflow begin one after the other, over so many seconds
_SPREAD_S: Final = 40_000
_FIRST: Final = Month(2024, 12)
#: jobs of the workflows that are loaded, at most
_LOADED: Final = 2000
_TURNS: Final = 5

_FILL: Final = f"""
INSERT INTO workflow(wf_id, wf_uuid, dag_file_name, dax_label, root_wf_id, engine, state, state_ts, restart_count,
    first_ts, last_ts, timestamp)
SELECT w, 'bbbbbbbb-0000-4000-8000-' || lpad(w::text, 12, '0'), 'months.dag', 'months-' || w % 20, w, 'pegasus',
    'success', t + {_SPREAD_S} + 100, 0, t, t + {_SPREAD_S} + 100, t FROM begun;
INSERT INTO workflow_summary(wf_id, total, done, submits, executes, attempts)
SELECT w, {{jobs}}, {{jobs}}, {{jobs}}, {{jobs}}, {{jobs}} FROM begun;
INSERT INTO job(job_id, wf_id, exec_job_id, submit_file, type_desc, clustered, max_retries, executable, task_count,
    node_state, node_state_ts, attempts, last_job_instance_id)
SELECT (w - 1) * {{jobs}} + j, w, 'work_ID' || lpad(j::text, 7, '0'), '', 'compute', 0, 1, '/bin/x', 1, 'done',
    t + j * {_SPREAD_S} / {{jobs}} + 93, 1, (w - 1) * {{jobs}} + j FROM begun, generate_series(1, {{jobs}}) AS j;
INSERT INTO job_instance(job_instance_id, job_id, job_submit_seq, site, exitcode, state, state_ts, outcome,
    main_exitcode, submit_ts, execute_ts, end_ts, local_duration)
SELECT (w - 1) * {{jobs}} + j, (w - 1) * {{jobs}} + j, j, 'pool', 0, 'POST_SCRIPT_SUCCESS',
    t + j * {_SPREAD_S} / {{jobs}} + 93, 'success', 0, t + j * {_SPREAD_S} / {{jobs}},
    t + j * {_SPREAD_S} / {{jobs}} + 30, t + j * {_SPREAD_S} / {{jobs}} + 90, 60
FROM begun, generate_series(1, {{jobs}}) AS j;
INSERT INTO jobstate(job_instance_id, state, timestamp, jobstate_submit_seq)
SELECT (w - 1) * {{jobs}} + j, s.state, t + j * {_SPREAD_S} / {{jobs}} + s.after, s.seq
FROM begun, generate_series(1, {{jobs}}) AS j, (VALUES {_STATES}) AS s(state, after, seq) ORDER BY 1, 4;
"""


class _Side:
    """One of the two databases, with a connection that asks by the driver alone."""

    def __init__(self, name: str, url: str) -> None:
        import psycopg

        self.name = name
        self.url = url
        self.driver = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        self.figures: dict[str, Any] = {}

    def sql(self, text: Any) -> list[Any]:
        cursor = self.driver.execute(text)
        return cursor.fetchall() if cursor.description is not None else []

    def took(self, *texts: str) -> float:
        began = time.perf_counter()
        for text in texts:
            self.sql(text)
        return time.perf_counter() - began

    def logged(self, *texts: str) -> tuple[float, int]:
        """Seconds, and bytes of the write-ahead log."""
        ((before,),) = self.sql("SELECT pg_current_wal_insert_lsn()")
        took = self.took(*texts)
        ((written,),) = self.sql(f"SELECT pg_current_wal_insert_lsn() - '{before}'")
        return took, int(written)

    def size_bytes(self) -> int:
        ((size,),) = self.sql(
            "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c WHERE c.relkind = 'r' AND relname ~ '^jobstate'"
        )
        return int(size)


def months(stampede: Stampede, jobs: int) -> Measured:
    """What partitions by month gain: ``jobs`` of each workflow."""
    figures: dict[str, Any] = {"load_average_before": os.getloadavg()[0]}
    with workspace(min(jobs, _LOADED) * workload.BYTES_PER_JOB * 4) as folder, database("postgresql") as one, \
            database("postgresql") as two:  # fmt: skip
        stampede.run("db", "init", "--db", one)
        stampede.run("db", "init", "--partition", "month", "--db", two)
        sides = [_Side("plain", one), _Side("months", two)]
        try:
            figures["states"] = _fill(sides, jobs)
            _ask(sides, jobs)
            _look_back(stampede, sides)
            _load(stampede, sides, folder, jobs)
            _get_rid(sides, jobs)
            _lay_out(sides)
        finally:
            for side in sides:
                side.driver.close()
    figures |= {side.name: side.figures for side in sides}
    figures["load_average_after"] = os.getloadavg()[0]
    plain, by_month = (side.figures for side in sides)
    sentence = (
        f"{figures['states']:,} states in {MONTHS} months: loads {ratio(plain['load_s'], by_month['load_s'])} times as "
        f"fast by month as in one table, states of a try {ratio(plain['try_ms'], by_month['try_ms'])}, a day "
        f"{ratio(plain['day_ms'], by_month['day_ms'])}, getting rid of a month "
        f"{ratio(plain['delete_month_s'], by_month['drop_month_s'])}"
    )
    return Measured(sentence, "told, not wanted: partitions are for who asks for them", True, figures)


def _fill(sides: list[_Side], jobs: int) -> int:
    for side in sides:
        firsts = ", ".join(
            f"({month * WORKFLOWS + n + 1}, {_FIRST.after(month).first_ts + n * 4 * 86_400}.0::float8)"
            for month in range(MONTHS)
            for n in range(WORKFLOWS)
        )
        side.sql(f"CREATE TEMP TABLE begun AS SELECT * FROM (VALUES {firsts}) AS v(w, t)")
        if side.name == "months":
            _first_months(side)
        side.figures["fill_s"] = round(side.took(*_FILL.format(jobs=jobs).split(";\n")[:-1]), 2)
        side.figures["vacuum_full_of_rows_s"] = round(side.took("VACUUM ANALYZE"), 2)
        side.figures["size_mb"] = round(side.size_bytes() / 1e6, 1)
        side.sql("CHECKPOINT")
    ((states,),) = sides[0].sql("SELECT count(*) FROM jobstate")
    return int(states)


def _first_months(side: _Side) -> None:
    """The months to be filled, made by one row each in the rest."""
    rows = ", ".join(f"(0, 'X', {_FIRST.after(n).first_ts}, 1)" for n in range(MONTHS))
    side.sql(f"INSERT INTO jobstate(job_instance_id, state, timestamp, jobstate_submit_seq) VALUES {rows}")
    partition(side.url)
    side.sql("DELETE FROM jobstate WHERE job_instance_id = 0")


def _turns(sides: list[_Side], name: str, question: Callable[[_Side], float], digits: int = 3) -> None:
    """Ask each side in turns; keep the best and the median."""
    took: dict[str, list[float]] = {side.name: [] for side in sides}
    for _ in range(_TURNS):
        for side in sides:
            took[side.name].append(question(side))
    for side in sides:
        side.figures[name] = round(min(took[side.name]), digits)
        side.figures[f"{name}_median"] = round(statistics.median(took[side.name]), digits)


def _ask(sides: list[_Side], jobs: int) -> None:
    tries = MONTHS * WORKFLOWS * jobs
    some = [1 + n * 7919 % tries for n in range(500)]
    day = _FIRST.after(MONTHS // 2).first_ts + 4 * 86_400
    workflow = MONTHS * WORKFLOWS // 2
    of_try = "SELECT state, timestamp, jobstate_submit_seq, reason FROM jobstate WHERE job_instance_id = "

    def each_try(side: _Side) -> float:
        return side.took(*(of_try + str(key) for key in some)) * 1000 / len(some)

    def ms(text: str) -> Callable[[_Side], float]:
        return lambda side: side.took(text) * 1000

    _turns(sides, "try_ms", each_try)
    _turns(sides, "day_ms", ms(
        f"SELECT state, count(*) FROM jobstate WHERE timestamp >= {day} AND timestamp < {day + 86_400} GROUP BY 1"
    ))  # fmt: skip
    _turns(sides, "workflow_ms", ms(
        "SELECT s.state, min(s.timestamp), count(*) FROM job j JOIN job_instance i ON i.job_id = j.job_id "
        f"JOIN jobstate s ON s.job_instance_id = i.job_instance_id WHERE j.wf_id = {workflow} GROUP BY 1"
    ))  # fmt: skip
    _turns(sides, "live_page_ms", ms(
        "SELECT s.row_id, s.state FROM jobstate s JOIN job_instance i ON i.job_instance_id = s.job_instance_id "
        "WHERE s.row_id > (SELECT max(row_id) - 500 FROM jobstate) ORDER BY s.row_id LIMIT 500"
    ))  # fmt: skip
    _turns(sides, "count_ms", ms("SELECT state, count(*) FROM jobstate GROUP BY 1"))
    for side in sides:
        side.figures["plan_of_try_ms"] = _planning(side, of_try + "1")


def _planning(side: _Side, question: str) -> float:
    def once() -> float:
        rows = side.sql(f"EXPLAIN (ANALYZE, SUMMARY) {question}")
        return next(float(said.split()[2]) for (said,) in rows if said.startswith("Planning Time"))

    return min(once() for _ in range(20))


def _look_back(stampede: Stampede, sides: list[_Side]) -> None:
    """The whole verb, of a workflow of the middle, half way."""
    number = MONTHS * WORKFLOWS // 2
    uuid = f"bbbbbbbb-0000-4000-8000-{number:012d}"
    ((began,),) = sides[0].sql(f"SELECT first_ts FROM workflow WHERE wf_id = {number}")
    at = str(began + _SPREAD_S / 2)

    def look(side: _Side) -> float:
        return stampede.run("status", uuid, "--as-of", at, "--json", "--db", side.url, ok=(0, 1)).wall_s

    _turns(sides, "as_of_s", look)


def _load(stampede: Stampede, sides: list[_Side], folder: Path, jobs: int) -> None:
    """New workflows, each into both, whose states are of one month."""
    took: dict[str, list[float]] = {side.name: [] for side in sides}
    for seed in range(3):
        source = workload.submit_dir(folder / f"wf{seed}", min(jobs, _LOADED), seed=seed + 1)
        for side in sides if seed % 2 else sides[::-1]:
            took[side.name].append(stampede.run("load", source, "--db", side.url).wall_s)
            if side.name == "months" and not seed:
                stampede.run("db", "partition", "--db", side.url)
    for side in sides:
        side.figures["load_s"] = round(min(took[side.name]), 2)
        side.figures["load_each_s"] = [round(one, 2) for one in took[side.name]]


def _get_rid(sides: list[_Side], jobs: int) -> None:
    """One month by what retention runs, portions of tries; another by dropping its partition, or by its time."""
    first, last = 1, WORKFLOWS * jobs
    portions = [
        f"DELETE FROM jobstate WHERE job_instance_id IN (SELECT i.job_instance_id FROM job j JOIN job_instance i "
        f"ON i.job_id = j.job_id WHERE j.job_id BETWEEN {at} AND {min(at + 8191, last)})"
        for at in range(first, last, 8192)
    ]
    month = _FIRST.after(1)
    inside = f"timestamp >= {month.first_ts} AND timestamp < {month.end_ts}"
    for side in sides:
        side.sql("VACUUM jobstate")
        side.sql("CHECKPOINT")
        before = side.size_bytes()
        took, log = side.logged(*portions)
        side.figures |= {"retain_month_s": round(took, 2), "retain_month_wal_mb": round(log / 1e6, 1)}
        side.figures["vacuum_after_s"] = round(side.took("VACUUM jobstate"), 2)
        side.figures["retain_gave_back_mb"] = round((before - side.size_bytes()) / 1e6, 1)
        before = side.size_bytes()
        if side.name == "months":
            took, log = side.logged(f"DROP TABLE {month.table}")
            side.figures |= {"drop_month_s": round(took, 3), "drop_month_wal_mb": round(log / 1e6, 2)}
        else:
            took, log = side.logged(f"DELETE FROM jobstate WHERE {inside}")
            side.figures |= {"delete_month_s": round(took, 3), "delete_month_wal_mb": round(log / 1e6, 2)}
            side.figures["vacuum_after_delete_s"] = round(side.took("VACUUM jobstate"), 2)
        side.figures["gave_back_mb"] = round((before - side.size_bytes()) / 1e6, 1)
        side.figures["vacuum_idle_s"] = round(side.took("VACUUM jobstate"), 3)


def _noted(moments: list[float], said: str) -> None:
    moments.append(time.perf_counter())


def _lay_out(sides: list[_Side]) -> None:
    """The one becomes what the other is: the whole, and the longest of the transactions in which writers wait."""
    ways: tuple[Way, Way] = ("month", "none")
    for side, way in zip(sides, ways, strict=True):
        moments = [time.perf_counter()]
        told = functools.partial(_noted, moments)
        partition(side.url, way, told=told)
        moments.append(time.perf_counter())
        side.figures["laid_out_anew_s"] = round(moments[-1] - moments[0], 2)
        side.figures["longest_step_s"] = round(max(b - a for a, b in itertools.pairwise(moments)), 2)
        side.figures["size_then_mb"] = round(side.size_bytes() / 1e6, 1)


if __name__ == "__main__":
    import json
    import sys

    answer = months(workload.stampede(None), int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    print(answer.sentence)
    print(json.dumps(answer.figures, indent=1))
