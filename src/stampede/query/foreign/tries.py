"""How each try went, from the history of its states and from what it ran."""

from __future__ import annotations

from typing import Final

from stampede.model.states import INFORMATIVE
from stampede.query.foreign.shape import Theirs
from stampede.store.reader import Reader

#: columns of ``job_instance`` that are derived
DERIVED: Final = (
    "restart_count", "state", "state_ts", "state_seq", "outcome", "exitcode", "main_exitcode", "exit_unknown",
    "pre_exitcode", "post_exitcode", "pre_start_ts", "pre_end_ts", "submit_ts", "execute_ts", "end_ts",
    "post_start_ts", "post_end_ts", "hold_reason", "remove_reason", "submit_count", "execute_count", "hold_count",
    "evict_count", "interrupted",
)  # fmt: skip
#: ``by_main``: its program ended, and no POST script yet
TABLE: Final = (
    "CREATE TEMP TABLE theirs_try(job_instance_id INTEGER PRIMARY KEY, job_id INTEGER, seq INTEGER, "
    f"{', '.join(DERIVED)}, by_main)"
)

_OK: Final = "('POST_SCRIPT_SUCCESS', 'JOB_SUCCESS')"
_MAIN: Final = "('JOB_SUCCESS', 'JOB_FAILURE')"
_POST: Final = "('POST_SCRIPT_SUCCESS', 'POST_SCRIPT_FAILED')"
_ENDS: Final = (
    "('POST_SCRIPT_SUCCESS', 'JOB_SUCCESS', 'POST_SCRIPT_FAILED', 'JOB_FAILURE', 'PRE_SCRIPT_FAILED', 'SUBMIT_FAILED')"
)
_BETWEEN: Final = "('JOB_EVICTED', 'JOB_SUSPENDED', 'JOB_DISCONNECTED', 'SHADOW_EXCEPTION', 'REMOTE_ERROR')"
_PASSING: Final = f"({', '.join(repr(s) for s in sorted(INFORMATIVE))})"
#: the order of states within a try: by their number; with the same one, those of scripts that come after last
_ORDER: Final = (
    "CASE WHEN s.jobstate_submit_seq > 0 THEN s.jobstate_submit_seq ELSE 1 << 30 END * 4 + "
    "CASE WHEN s.state LIKE 'POST%' THEN 2 WHEN s.state LIKE 'JOB%' THEN 1 ELSE 0 END"
)


def derive_tries(reader: Reader, theirs: Theirs, running: list[int], *, regular: bool) -> None:
    """Fill ``temp.theirs_try``. ``running`` are the keys of workflows that run; ``regular``: exits are codes there, not
    raw wait statuses (before Pegasus 4)."""
    reader.scratch("DELETE FROM temp.theirs_try")
    if theirs.table("jobstate") is None or theirs.table("job_instance") is None:
        return
    reader.scratch(_insert(theirs, regular))
    ids = ", ".join(str(int(wf_id)) for wf_id in running)
    kind = "{0}." + (theirs.column("job", "type_desc", "") or ".wf_id").lstrip(".")
    reader.scratch(_WAITS_FOR_POST.format(running=ids, kind=kind.format("j"), other=kind.format("k")))


def raw(expression: str, *, regular: bool) -> str:
    """SQL of the raw wait status of an exit as they keep it."""
    if not regular:
        return expression
    return f"(CASE WHEN {expression} BETWEEN 1 AND 255 THEN {expression} * 256 ELSE {expression} END)"


def _insert(theirs: Theirs, regular: bool) -> str:
    kept = raw(theirs.column("job_instance", "exitcode", "i") or "NULL", regular=regular)
    # of a job that was removed monitord tells status 1, which nobody saw
    ran = "CASE WHEN NOT (told.aborted AND ran.main = 1) THEN ran.main END"
    failed = f"CASE WHEN told.main_failed AND NOT told.aborted THEN nullif({kept}, 0) END"
    main = f"coalesce(nullif({ran}, 0), {failed}, {ran})"
    return f"""
    INSERT INTO temp.theirs_try
    WITH told AS MATERIALIZED ({_told(theirs)}),
    last AS MATERIALIZED (
        SELECT s.job_instance_id, s.state, s.timestamp, s.jobstate_submit_seq, max({_ORDER})
        FROM main.jobstate s WHERE s.state NOT IN {_PASSING} GROUP BY s.job_instance_id),
    verdict AS MATERIALIZED (
        SELECT s.job_instance_id, s.state, s.state IN {_OK} AS ok, max({_ORDER})
        FROM main.jobstate s WHERE s.state IN {_ENDS} GROUP BY s.job_instance_id),
    ran AS MATERIALIZED ({_ran(theirs, regular)})
    SELECT i.job_instance_id, i.job_id, i.job_submit_seq, {_run(theirs)}, last.state, last.timestamp,
        last.jobstate_submit_seq, CASE verdict.ok WHEN 1 THEN 'success' WHEN 0 THEN 'failed' END,
        CASE verdict.ok WHEN 1 THEN 0
            WHEN 0 THEN coalesce(nullif({main}, 0), nullif(ran.post, 0), nullif(ran.pre, 0), 256) END,
        CASE WHEN told.main_ok OR told.main_failed
             THEN coalesce({main}, CASE WHEN told.main_failed THEN 256 ELSE 0 END) END,
        CASE WHEN told.main_failed AND {main} IS NULL THEN 1 END, ran.pre, ran.post, told.pre_start_ts, told.pre_end_ts,
        told.submit_ts, told.execute_ts, told.end_ts, told.post_start_ts, told.post_end_ts, told.hold_reason,
        told.remove_reason, coalesce(told.submits, 0), coalesce(told.executes, 0), coalesce(told.holds, 0),
        coalesce(told.evictions, 0), nullif(told.interrupted, 0), coalesce(verdict.state IN {_MAIN}, 0)
    FROM main.job_instance i JOIN main.job j ON j.job_id = i.job_id
    LEFT JOIN told ON told.job_instance_id = i.job_instance_id
    LEFT JOIN last ON last.job_instance_id = i.job_instance_id
    LEFT JOIN verdict ON verdict.job_instance_id = i.job_instance_id
    LEFT JOIN ran ON ran.job_instance_id = i.job_instance_id
    """


def _told(theirs: Theirs) -> str:
    """Times and counts of the states of each try."""
    reason = theirs.column("jobstate", "reason", "s") or "NULL"

    def at(*states: str) -> str:
        names = ", ".join(repr(s) for s in states)
        return f"CASE WHEN s.state IN ({names}) THEN s.timestamp END"

    return f"""
        SELECT s.job_instance_id, min(s.timestamp) AS first_ts,
            min({at("PRE_SCRIPT_STARTED")}) AS pre_start_ts,
            max({at("PRE_SCRIPT_SUCCESS", "PRE_SCRIPT_FAILED")}) AS pre_end_ts,
            min({at("SUBMIT")}) AS submit_ts, max({at("EXECUTE")}) AS execute_ts,
            coalesce(max({at("JOB_TERMINATED")}), min({at("JOB_SUCCESS", "JOB_FAILURE")})) AS end_ts,
            max({at("POST_SCRIPT_STARTED")}) AS post_start_ts,
            coalesce(max({at("POST_SCRIPT_TERMINATED")}),
                     min({at("POST_SCRIPT_SUCCESS", "POST_SCRIPT_FAILED")})) AS post_end_ts,
            max(CASE s.state WHEN 'JOB_HELD' THEN {reason} END) AS hold_reason,
            max(CASE s.state WHEN 'JOB_ABORTED' THEN {reason} END) AS remove_reason,
            sum(s.state = 'SUBMIT') AS submits, sum(s.state = 'EXECUTE') AS executes,
            sum(s.state = 'JOB_HELD') AS holds, sum(s.state = 'JOB_EVICTED') AS evictions,
            max(s.state IN {_BETWEEN}) AS interrupted,
            max(s.state = 'JOB_ABORTED') AS aborted, max(s.state = 'JOB_FAILURE') AS main_failed,
            max(s.state = 'JOB_SUCCESS') AS main_ok
        FROM main.jobstate s GROUP BY s.job_instance_id"""


def _ran(theirs: Theirs, regular: bool) -> str:
    """How the programs and scripts of each try ended, as raw wait statuses; of several programs one that failed."""
    if theirs.table("invocation") is None:
        return "SELECT NULL AS job_instance_id, NULL AS main, NULL AS pre, NULL AS post WHERE 0"
    status = raw("v.exitcode", regular=regular)
    return f"""
        SELECT v.job_instance_id,
            coalesce(max(CASE WHEN v.task_submit_seq > 0 AND v.exitcode <> 0 THEN {status} END),
                     max(CASE WHEN v.task_submit_seq > 0 THEN v.exitcode END)) AS main,
            max(CASE v.task_submit_seq WHEN -1 THEN {status} END) AS pre,
            max(CASE v.task_submit_seq WHEN -2 THEN {status} END) AS post
        FROM main.invocation v GROUP BY v.job_instance_id"""


def _run(theirs: Theirs) -> str:
    """In which run of the engine (from 0) a try began: its states do not say, those of the workflow do."""
    states = theirs.table("workflowstate")
    if states is None:
        return "0"
    return (
        f'coalesce((SELECT max(r.restart_count) FROM main."{states}" r WHERE r.wf_id = j.wf_id '
        "AND r.state IN ('WORKFLOW_STARTED', 'start') AND r.timestamp <= told.first_ts), 0)"
    )


#: the end of a program is not the end of a try where a POST script follows: it has begun, or does after its like
_WAITS_FOR_POST: Final = f"""
UPDATE temp.theirs_try SET outcome = NULL, exitcode = main_exitcode
WHERE by_main AND (post_start_ts IS NOT NULL OR job_id IN (
    SELECT j.job_id FROM main.job j WHERE j.wf_id IN ({{running}}) AND (j.wf_id, {{kind}}) IN (
        SELECT k.wf_id, {{other}} FROM main.jobstate s JOIN main.job_instance i ON i.job_instance_id = s.job_instance_id
        JOIN main.job k ON k.job_id = i.job_id WHERE s.state IN {_POST} AND k.wf_id IN ({{running}}))))
"""
