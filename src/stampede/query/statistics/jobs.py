"""Every try, one by one: the rows of the table of jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from stampede.model.exits import Exit, from_raw
from stampede.query.statistics.scope import Scope
from stampede.store import blocks


class TryRow(msgspec.Struct, kw_only=True):
    """One try. Times are epoch seconds; what is not known is None.

    ``program_s`` is what kickstart measured of its programs together (``factor`` times that: ``program_factor_s``),
    ``cpu_s`` their processor time, ``run_s`` what DAGMan saw, ``cluster_s`` what pegasus-cluster took and
    ``cluster_delay_s`` how much of it went by between its tasks. ``queue_s`` is from the submission to the first start.
    """

    wf_uuid: str
    workflow: str | None
    job: str
    number: int
    type: str
    transformation: str
    site: str
    hostname: str
    outcome: str
    exit: Exit | None
    submit_ts: float | None
    execute_ts: float | None
    end_ts: float | None
    pre_s: float | None
    queue_s: float | None
    run_s: float | None
    program_s: float | None
    factor: int
    program_factor_s: float | None
    cpu_s: float | None
    cluster_s: float | None
    cluster_delay_s: float | None
    post_s: float | None
    held_s: float | None
    maxrss_kb: float | None
    memory_requested_mb: float | None


_SQL: Final = f"""
SELECT w.wf_uuid, w.dax_label, j.exec_job_id, (SELECT count(*) FROM job_instance k WHERE k.job_id = i.job_id
           AND k.job_submit_seq <= i.job_submit_seq), j.type_desc, {blocks.TRANSFORMATION},
       coalesce(i.site, h.site, ''), {blocks.HOSTNAME}, coalesce(i.outcome, 'open'), i.exitcode, i.submit_ts,
       i.execute_ts, i.end_ts, i.pre_end_ts - i.pre_start_ts, max({blocks.FIRST_START} - i.submit_ts, 0),
       {blocks.LOCAL_S}, {{program}}, i.multiplier_factor, {{program}} * i.multiplier_factor, {{cpu}},
       i.cluster_duration, i.cluster_duration - {{program}},
       i.post_end_ts - i.post_start_ts, {blocks.HELD_S}, {{maxrss}}, u.req_memory_mb
FROM {{source}} JOIN workflow w ON w.wf_id = j.wf_id LEFT JOIN host h ON h.host_id = i.host_id
LEFT JOIN resource_usage u ON u.job_instance_id = i.job_instance_id
WHERE j.wf_id IN (SELECT wf_id FROM temp.wanted) ORDER BY {{order}}
"""
_OF: Final = """(SELECT {value} FROM invocation v WHERE v.job_instance_id = i.job_instance_id
    AND v.task_submit_seq >= 0)"""
#: with more tries than this they come as they lie in the table: in the order in which they were begun, unsorted
_SORTED: Final = 20_000


def try_rows(scope: Scope, tries: int) -> Iterator[TryRow]:
    """Every try of the workflows, one after the other, in constant memory; ``tries`` is about how many there are.

    Workflow by workflow, in the order in which they were begun; very many just in the order in which they were begun.
    """
    many = tries > _SORTED
    sql = _SQL.format(
        program=_OF.format(value="sum(v.remote_duration)"), cpu=_OF.format(value="sum(v.remote_cpu_time)"),
        maxrss=_OF.format(value="max(v.maxrss)"),
        source="job_instance i CROSS JOIN job j ON j.job_id = i.job_id" if many
        else "job j CROSS JOIN job_instance i ON i.job_id = j.job_id",
        order="i.job_instance_id" if many else "j.wf_id, i.job_submit_seq",
    )  # fmt: skip
    names = TryRow.__struct_fields__
    for row in scope.reader.iterate(sql):
        values = dict(zip(names, row, strict=True))
        values["exit"] = None if values["exit"] is None else from_raw(values["exit"])
        yield TryRow(**values)
