"""What the jobs of a block add up to: the SQL behind all statistics.

A block is :data:`JOBS` jobs with keys that follow each other. Its rows in ``statistics_*`` are a function of the rows
of its jobs, tries and invocations and of nothing else: they are made anew as a whole, never changed, so that late,
repeated or corrected events cannot make them wrong. Readers use the same SQL for blocks that are not sealed.

All statements work on small temporary tables with one row a try, invocation and program (``temp.block_*``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from stampede.model.histogram import PER_E, ZERO, encoded

Row = tuple[Any, ...]
#: runs a statement with parameters and gives its rows
Ask = Callable[[str, dict[str, Any]], list[Row]]

#: jobs of a block, as a power of two
SHIFT: Final = 12
JOBS: Final = 1 << SHIFT

#: seconds that a row of ``statistics_time`` stands for: half an hour, of which days of nearly all zones can be made
SPAN_S: Final = 1800

#: what a job that is a workflow runs: its time is that of the jobs below it
ENGINE: Final = "condor::dagman"

_SUB: Final = "(j.type_desc IN ('dax', 'dag'))"

_MAKE: Final = (
    """CREATE TEMP TABLE IF NOT EXISTS block_try(
        job_instance_id INTEGER PRIMARY KEY, job_id, wf_id, sub, type_desc, transformation, site, hostname, seq,
        outcome, lone, factor, local_s, nested, superseded, evictions, holds, executions, held_s, held_early_s,
        held_late_s, pre_start_ts, pre_end_ts, submit_ts, first_ts, execute_ts, end_ts, post_start_ts, post_end_ts,
        cores, cpu_s, used_mb, requested_mb, bytes_in, bytes_out)""",
    """CREATE TEMP TABLE IF NOT EXISTS block_invocation(
        job_instance_id, wf_id, sub, try, seq, factor, site, hostname, start_ts, runtime_s, cpu_s, exitcode,
        transformation, task, maxrss_kb, avg_cpu, lone)""",
    """CREATE TEMP TABLE IF NOT EXISTS block_program(
        job_instance_id INTEGER PRIMARY KEY, start_ts, program_s, cpu_s, maxrss_kb)""",
    """CREATE TEMP TABLE IF NOT EXISTS block_transfer(
        job_instance_id INTEGER PRIMARY KEY, in_s, out_s, in_bytes, out_bytes)""",
)

#: seconds in hold: all of them, before the first start, and after the last one
_HELD: Final = """CASE WHEN i.hold_count > 0 THEN (SELECT sum(coalesce(x.released_ts, i.end_ts) - x.held_ts)
    FROM hold x WHERE x.job_instance_id = i.job_instance_id{when}) END"""
FIRST_START: Final = """CASE WHEN i.execute_count > 1 THEN (SELECT min(s.timestamp) FROM jobstate s
    WHERE s.job_instance_id = i.job_instance_id AND s.state = 'EXECUTE') ELSE i.execute_ts END"""
HELD_S: Final = _HELD.format(when="")
_HELD_PARTS: Final = ", ".join((
    HELD_S,
    _HELD.format(when=f" AND x.held_ts < coalesce({FIRST_START}, x.held_ts + 1)"),
    _HELD.format(when=" AND x.held_ts >= i.execute_ts"),
))  # fmt: skip
#: the machine: what kickstart or the job event log calls it, else the machine part of the slot
HOSTNAME: Final = """coalesce(nullif(h.hostname, 'unknown'), u.hostname,
    CASE WHEN instr(i.slot, '@') > 0 THEN substr(i.slot, instr(i.slot, '@') + 1) ELSE i.slot END, 'unknown')"""
#: how long the program ran, as DAGMan saw it
LOCAL_S: Final = """coalesce(i.local_duration,
    CASE WHEN i.outcome IS NOT NULL THEN i.end_ts - i.execute_ts END)"""
#: a job of a plan has no transformation of its own: its tasks have, or what it ran
TRANSFORMATION: Final = """coalesce(j.transformation,
    (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id),
    (SELECT v.transformation FROM invocation v WHERE v.job_instance_id = i.job_instance_id AND v.task_submit_seq > 0
     ORDER BY v.task_submit_seq LIMIT 1), '')"""

_FILL: Final = (
    f"""INSERT INTO temp.block_try SELECT
        i.job_instance_id, i.job_id, j.wf_id, {_SUB}, j.type_desc, {TRANSFORMATION}, coalesce(i.site, h.site, ''),
        {HOSTNAME}, i.job_submit_seq, coalesce(i.outcome, 'open'), j.attempts = 1, i.multiplier_factor,
        {LOCAL_S}, i.subwf_id IS NOT NULL, i.job_instance_id IS NOT j.last_job_instance_id, i.evict_count, i.hold_count,
        i.execute_count, {_HELD_PARTS}, i.pre_start_ts, i.pre_end_ts, i.submit_ts, {FIRST_START}, i.execute_ts,
        i.end_ts,
        i.post_start_ts, i.post_end_ts, max(coalesce(u.alloc_cpus, u.req_cpus, 1), 1), u.cpu_user_s + u.cpu_system_s,
        u.used_memory_mb, u.req_memory_mb, u.bytes_received, u.bytes_sent
    FROM job j CROSS JOIN job_instance i ON i.job_id = j.job_id LEFT JOIN host h ON h.host_id = i.host_id
    LEFT JOIN resource_usage u ON u.job_instance_id = i.job_instance_id
    WHERE j.job_id BETWEEN :first AND :last AND (:only IS NULL
        OR j.wf_id IN (SELECT CAST(value AS INTEGER) FROM json_each(:only)))""",
    # a program that never started has neither memory nor a processor
    """INSERT INTO temp.block_invocation SELECT
        b.job_instance_id, b.wf_id, b.sub, b.seq, v.task_submit_seq, b.factor, b.site, b.hostname, v.start_time,
        v.remote_duration, CASE WHEN v.task_submit_seq >= 0 THEN v.remote_cpu_time END, v.exitcode, v.transformation,
        v.abs_task_id, nullif(v.maxrss, 0), CASE WHEN v.maxrss IS NOT 0 THEN v.avg_cpu END, b.lone
    FROM temp.block_try b CROSS JOIN invocation v ON v.job_instance_id = b.job_instance_id""",
    """INSERT INTO temp.block_program SELECT job_instance_id, min(start_ts), sum(runtime_s), sum(cpu_s), max(maxrss_kb)
    FROM temp.block_invocation WHERE seq >= 0 GROUP BY job_instance_id""",
    # PegasusLite moves files into the machine before the program starts, and out of it afterwards
    """INSERT INTO temp.block_transfer
    SELECT job_instance_id, sum(CASE WHEN inward THEN duration_s END), sum(CASE WHEN NOT inward THEN duration_s END),
        sum(CASE WHEN inward THEN size_bytes END), sum(CASE WHEN NOT inward THEN size_bytes END)
    FROM (SELECT b.job_instance_id, x.duration_s, x.size_bytes, CASE WHEN x.src_site IS NOT x.dst_site
            THEN x.dst_site IS b.site ELSE coalesce(x.start_ts <= p.start_ts, 1) END AS inward
        FROM temp.block_try b CROSS JOIN transfer x ON x.job_instance_id = b.job_instance_id
        LEFT JOIN temp.block_program p ON p.job_instance_id = b.job_instance_id WHERE x.status IS NOT 1)
    GROUP BY job_instance_id""",
)  # fmt: skip


def _bins(value: str) -> str:
    return (f"group_concat(CASE WHEN {value} > 0 THEN max(CAST(round(ln({value}) * {PER_E}) AS INTEGER), {ZERO + 1}) "
            f"WHEN {value} IS NOT NULL THEN {ZERO} END)")  # fmt: skip


#: the phases of a try; waiting leaves out holds, and what came between its first and its last start.
#: Engines that tell of a submission after the start have made it wait for no time, not for less
_PRE: Final = "b.pre_end_ts - b.pre_start_ts"
_QUEUE: Final = "max(b.first_ts - b.submit_ts - coalesce(b.held_early_s, 0), 0)"
_RUN: Final = "max(b.end_ts - b.execute_ts - coalesce(b.held_late_s, 0), 0)"
_POST: Final = "b.post_end_ts - b.post_start_ts"
_REDONE: Final = """CASE WHEN b.executions > 1 THEN max(b.execute_ts - b.first_ts
    - coalesce(b.held_s - coalesce(b.held_early_s, 0) - coalesce(b.held_late_s, 0), 0), 0) END"""
_WALL: Final = "b.local_s * b.factor"
_DELAY: Final = """coalesce(b.post_end_ts, b.end_ts, b.pre_end_ts, b.submit_ts)
    - coalesce(b.pre_start_ts, b.submit_ts, b.execute_ts)"""
_CPU: Final = "CASE WHEN NOT b.sub THEN coalesce(p.cpu_s, b.cpu_s) END"
_CPU_WALL: Final = f"CASE WHEN {_CPU} IS NOT NULL THEN coalesce(p.program_s, {_RUN}) * b.cores END"
_USED: Final = "coalesce(max(b.used_mb, p.maxrss_kb / 1024.0), b.used_mb, p.maxrss_kb / 1024.0)"
_BOTH: Final = f"b.requested_mb > 0 AND {_USED} IS NOT NULL"


def _sum(value: str) -> str:
    return f"coalesce(sum({value}), 0)"


#: the end of the names of histograms, which are the last columns of their table
BINS: Final = "_bins"

#: table -> the statement that makes its rows (all columns but ``block``)
TABLES: Final[dict[str, str]] = {
    "statistics_try": f"""SELECT b.wf_id AS wf_id, b.sub AS sub, b.type_desc AS type_desc,
            b.transformation AS transformation, b.site AS site, b.outcome AS outcome, count(*) AS tries,
            sum(b.superseded) AS superseded,
            {_sum("b.evictions")} AS evictions, {_sum("b.holds")} AS holds, count({_CPU_WALL}) AS with_cpu,
            {_sum(_BOTH)} AS with_memory, {_sum(f"{_BOTH} AND {_USED} > b.requested_mb")} AS over_memory,
            {_sum(_WALL)} AS wall_s, {_sum(f"CASE WHEN b.superseded THEN {_WALL} END")} AS superseded_wall_s,
            {_sum(f"CASE WHEN b.superseded THEN {_DELAY} END")} AS superseded_delay_s,
            {_sum(f"CASE WHEN NOT (b.sub AND b.nested) THEN {_WALL} END")} AS unnested_wall_s,
            count({_PRE}) AS with_pre, count({_QUEUE}) AS with_queue, count({_RUN}) AS with_run,
            count({_POST}) AS with_post, {_sum(_PRE)} AS pre_s, {_sum(_QUEUE)} AS queue_s, {_sum(_RUN)} AS run_s,
            {_sum(_POST)} AS post_s, {_sum("b.held_s")} AS held_s, {_sum(_REDONE)} AS redone_s,
            {_sum("x.in_s")} AS stage_in_s, {_sum("x.out_s")} AS stage_out_s, {_sum("p.program_s")} AS program_s,
            {_sum("coalesce(b.bytes_in, 0) + coalesce(x.in_bytes, 0)")} AS bytes_in,
            {_sum("coalesce(b.bytes_out, 0) + coalesce(x.out_bytes, 0)")} AS bytes_out,
            {_sum(f"CASE WHEN {_CPU_WALL} IS NOT NULL THEN {_CPU} END")} AS cpu_s, {_sum(_CPU_WALL)} AS cpu_wall_s,
            {_sum(f"CASE WHEN {_BOTH} THEN {_USED} END")} AS memory_used_mb,
            {_sum(f"CASE WHEN {_BOTH} THEN b.requested_mb END")} AS memory_requested_mb,
            coalesce(max({_USED}), 0) AS memory_max_mb, {_bins(_PRE)} AS pre_bins, {_bins(_QUEUE)} AS queue_bins,
            {_bins(_RUN)} AS run_bins, {_bins(_POST)} AS post_bins, {_bins(_USED)} AS memory_bins
        FROM temp.block_try b LEFT JOIN temp.block_program p ON p.job_instance_id = b.job_instance_id
        LEFT JOIN temp.block_transfer x ON x.job_instance_id = b.job_instance_id
        GROUP BY b.wf_id, b.sub, b.type_desc, b.transformation, b.site, b.outcome""",
    "statistics_invocation": f"""SELECT v.wf_id AS wf_id, v.transformation AS transformation, v.seq < 0 AS script,
            v.exitcode = 0 AS succeeded, count(*) AS invocations, count(v.cpu_s) AS with_cpu,
            count(v.maxrss_kb) AS with_maxrss, count(v.avg_cpu) AS with_avg_cpu,
            {_sum("v.runtime_s * v.factor")} AS runtime_s, min(v.runtime_s * v.factor) AS runtime_min_s,
            max(v.runtime_s * v.factor) AS runtime_max_s, {_sum("v.cpu_s")} AS cpu_s,
            {_sum("CASE WHEN v.cpu_s IS NOT NULL THEN v.runtime_s END")} AS cpu_wall_s, sum(v.maxrss_kb) AS maxrss_kb,
            min(v.maxrss_kb) AS maxrss_min_kb, max(v.maxrss_kb) AS maxrss_max_kb, sum(v.avg_cpu) AS avg_cpu,
            min(v.avg_cpu) AS avg_cpu_min, max(v.avg_cpu) AS avg_cpu_max,
            {_bins("v.runtime_s * v.factor")} AS runtime_bins, {_bins("v.maxrss_kb")} AS maxrss_bins
        FROM temp.block_invocation v GROUP BY v.wf_id, v.transformation, v.seq < 0, v.exitcode = 0""",
    "statistics_time": f"""SELECT wf_id, site, hostname, begun_ts, sum(tries) AS tries,
            sum(tries_failed) AS tries_failed, sum(invocations) AS invocations, sum(tries_s) AS tries_s,
            sum(tries_failed_s) AS tries_failed_s, sum(invocations_s) AS invocations_s
        FROM (SELECT wf_id, site, hostname, CAST(execute_ts / {SPAN_S} AS INTEGER) * {SPAN_S} AS begun_ts,
                count(*) AS tries, sum(outcome = 'failed') AS tries_failed, 0 AS invocations,
                {_sum("local_s")} AS tries_s, {_sum("CASE WHEN outcome = 'failed' THEN local_s END")} AS tries_failed_s,
                0 AS invocations_s
            FROM temp.block_try WHERE execute_ts IS NOT NULL AND NOT (sub AND nested) GROUP BY 1, 2, 3, 4
            UNION ALL
            SELECT wf_id, site, hostname, CAST(start_ts / {SPAN_S} AS INTEGER) * {SPAN_S}, 0, 0, count(*), 0, 0,
                {_sum("runtime_s")}
            FROM temp.block_invocation WHERE transformation <> '{ENGINE}' GROUP BY 1, 2, 3, 4)
        GROUP BY wf_id, site, hostname, begun_ts""",
    "statistics_integrity": f"""SELECT b.wf_id AS wf_id, y.type AS type, coalesce(y.file_type, '') AS file_type,
            {_sum("y.count")} AS files, {_sum("y.duration")} AS duration_s
        FROM temp.block_try b CROSS JOIN integrity y ON y.job_instance_id = b.job_instance_id GROUP BY 1, 2, 3""",
    "statistics_workflow": """WITH
        -- (whether the last of them went well is the last bit of the greatest number)
        ran AS (SELECT wf_id, max(sub) AS sub, count(*) AS tries,
                max((try * 100000 + seq) * 2 + (exitcode = 0)) % 2 AS succeeded
            FROM temp.block_invocation WHERE task IS NOT NULL AND NOT lone GROUP BY wf_id, task),
        faults AS (SELECT b.wf_id, b.sub, sum(g.count) AS errors,
                NOT b.superseded AND b.outcome = 'failed' AS failed
            FROM temp.block_try b JOIN tag g ON g.job_instance_id = b.job_instance_id AND g.name = 'int.error'
            GROUP BY b.job_instance_id),
        parts AS (
            SELECT wf_id, sub, sum(NOT superseded) AS jobs_tried, count(*) AS tries, 0 AS tasks, 0 AS tasks_tried,
                0 AS tasks_succeeded, 0 AS tasks_failed, 0 AS task_tries, 0 AS integrity_errors,
                0 AS integrity_failures FROM temp.block_try GROUP BY wf_id, sub
            UNION ALL SELECT j.wf_id, j.type_desc IN ('dax', 'dag'), 0, 0, 1, 0, 0, 0, 0, 0, 0
                FROM job j CROSS JOIN task t ON t.job_id = j.job_id WHERE j.job_id BETWEEN :first AND :last
                AND (:only IS NULL OR j.wf_id IN (SELECT CAST(value AS INTEGER) FROM json_each(:only)))
            -- (of a job that was tried once every invocation is the last of its task)
            UNION ALL SELECT wf_id, sub, 0, 0, 0, count(*), sum(exitcode = 0), sum(exitcode <> 0), count(*), 0, 0
                FROM temp.block_invocation WHERE task IS NOT NULL AND lone GROUP BY wf_id, sub
            UNION ALL SELECT wf_id, sub, 0, 0, 0, 1, succeeded, NOT succeeded, tries, 0, 0 FROM ran
            UNION ALL SELECT wf_id, sub, 0, 0, 0, 0, 0, 0, 0, errors, failed FROM faults)
        SELECT wf_id, sub, sum(jobs_tried) AS jobs_tried, sum(tries) AS tries, sum(tasks) AS tasks,
            sum(tasks_tried) AS tasks_tried, sum(tasks_succeeded) AS tasks_succeeded, sum(tasks_failed) AS tasks_failed,
            sum(task_tries) AS task_tries, sum(integrity_errors) AS integrity_errors,
            sum(integrity_failures) AS integrity_failures FROM parts GROUP BY wf_id, sub""",
}  # fmt: skip

#: table -> its columns but ``block``, in the order of the statement
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "statistics_try": (
        "wf_id", "sub", "type_desc", "transformation", "site", "outcome", "tries", "superseded", "evictions", "holds",
        "with_cpu", "with_memory", "over_memory", "wall_s", "superseded_wall_s", "superseded_delay_s",
        "unnested_wall_s", "with_pre", "with_queue", "with_run", "with_post", "pre_s", "queue_s", "run_s", "post_s",
        "held_s", "redone_s", "stage_in_s", "stage_out_s", "program_s", "bytes_in", "bytes_out", "cpu_s", "cpu_wall_s",
        "memory_used_mb", "memory_requested_mb", "memory_max_mb", "pre_bins", "queue_bins", "run_bins", "post_bins",
        "memory_bins",
    ),
    "statistics_invocation": (
        "wf_id", "transformation", "script", "succeeded", "invocations", "with_cpu", "with_maxrss", "with_avg_cpu",
        "runtime_s", "runtime_min_s", "runtime_max_s", "cpu_s", "cpu_wall_s", "maxrss_kb", "maxrss_min_kb",
        "maxrss_max_kb", "avg_cpu", "avg_cpu_min", "avg_cpu_max", "runtime_bins", "maxrss_bins",
    ),
    "statistics_time": (
        "wf_id", "site", "hostname", "begun_ts", "tries", "tries_failed", "invocations", "tries_s", "tries_failed_s",
        "invocations_s",
    ),
    "statistics_integrity": ("wf_id", "type", "file_type", "files", "duration_s"),
    "statistics_workflow": (
        "wf_id", "sub", "jobs_tried", "tries", "tasks", "tasks_tried", "tasks_succeeded", "tasks_failed", "task_tries",
        "integrity_errors", "integrity_failures",
    ),
}  # fmt: skip


def prepare(ask: Ask) -> None:
    """Make the temporary tables of a connection."""
    for statement in _MAKE:
        ask(statement, {})


def counted(ask: Ask, block: int, *, only: str | None = None) -> Iterator[tuple[str, list[Row]]]:
    """The rows of a block by table, each with the block before it; ``only`` is a JSON list of the workflows to look at.

    The temporary tables must have been prepared. Take all of it before the next block.
    """
    parameters = {"first": block << SHIFT, "last": (block + 1 << SHIFT) - 1, "only": only}
    for name in ("try", "invocation", "program", "transfer"):
        ask(f"DELETE FROM temp.block_{name}", {})
    for statement in _FILL:
        ask(statement, parameters if ":first" in statement else {})
    for table, statement in TABLES.items():
        rows = ask(statement, parameters if ":first" in statement else {})
        if rows and COLUMNS[table][-1].endswith(BINS):
            first = next(i for i, name in enumerate(COLUMNS[table]) if name.endswith(BINS))
            rows = [(*row[:first], *map(encoded, row[first:])) for row in rows]
        yield table, [(block, *row) for row in rows]


def workflows_of(ask: Ask, block: int) -> list[int]:
    """The workflows that the jobs of a block belong to."""
    rows = ask(
        "SELECT DISTINCT wf_id FROM job WHERE job_id BETWEEN :first AND :last ORDER BY wf_id",
        {"first": block << SHIFT, "last": (block + 1 << SHIFT) - 1},
    )
    return [wf_id for (wf_id,) in rows]
