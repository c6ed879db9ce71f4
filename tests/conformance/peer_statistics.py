"""What pegasus-statistics says, and what ``stampede stats`` says, as facts of the same names.

A fact is named by a path: (section, workflow or ``all``, what it is about ..., column). Both sides tell the same facts,
so that whatever is missing on one side is a difference too.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from .runs import stampede

Name = tuple[str, ...]
Facts = dict[Name, float | str | None]

ALL = "all"
_COUNTS = ("Succeeded", "Failed", "Incomplete", "Total", "Retries", "Total+Retries")
_OUR_COUNTS = ("succeeded", "failed", "incomplete", "total", "retries", "executed")
_KINDS = {"Tasks": "tasks", "Jobs": "jobs", "Sub-Workflows": "sub_workflows"}
_TIMES = {
    "workflow_wall_time": "workflows_s", "workflow_cumulative_job_wall_time": "jobs_s",
    "cumulative_job_walltime_from_submit_side": "seen_s", "workflow_cumulative_badput_time": "bad_jobs_s",
    "cumulative_job_badput_walltime_from_submit_side": "bad_seen_s",
}  # fmt: skip


def _tables(text: str) -> list[dict[str, str]]:
    """The rows of a report: its comments left out, each under the heading that came last."""
    rows: list[dict[str, str]] = []
    heads: list[str] = []
    for cells in csv.reader(line for line in text.splitlines() if line.strip() and line[0] not in "# "):
        if cells[0] in ("Workflow_Id", "Type", "stat_type"):
            heads = cells
        elif len(cells) == len(heads):
            rows.append(dict(zip(heads, cells, strict=True)))
    return rows


def _number(text: str) -> float | None:
    text = text.strip().rstrip("%")
    return None if text in ("", "-", "None") else float(text)


def theirs(reports: dict[str, str]) -> Facts:
    """The facts of the CSV reports of pegasus-statistics."""
    facts: Facts = {}
    for row in _tables(reports["summary.csv"]):
        _their_counts(facts, ("summary", ALL), row)
    for row in _tables(reports["summary-time.csv"]):
        if row["stat_type"] in _TIMES:
            facts["time", ALL, _TIMES[row["stat_type"]]] = _number(row["time_seconds"])
    for row in _tables(reports["workflow.csv"]):
        who = row["Workflow_Id"] if row["Workflow_Id"].lower() != ALL else ALL
        _their_counts(facts, ("workflow", who), row)
        if row["WF_Retries"]:
            facts["workflow", who, "restarts"] = _number(row["WF_Retries"])
    for row in _tables(reports["breakdown.csv"]):
        _their_breakdown(facts, row)
    for row in _tables(reports["integrity.csv"]):
        who = row["Workflow_Id"] if row["Workflow_Id"].lower() != ALL else ALL
        facts["integrity", who, row["Type"], row["File Type"], "files"] = _number(row["Count"])
    for row in _tables(reports["jobs.csv"]):
        _their_job(facts, row)
    for row in _tables(reports["time.csv"]):
        what, day = row["stat_type"].split("/")[0], row["date[YYYY-MM-DD]"]
        facts["day", ALL, day, what] = _number(row["count"])
        facts["day", ALL, day, f"{what}_s"] = _number(row["runtime (sec)"])
    return facts


def _their_counts(facts: Facts, name: Name, row: dict[str, str]) -> None:
    kind = _KINDS.get(row["Type"])
    if kind is not None:
        for column, ours in zip(_COUNTS, _OUR_COUNTS, strict=True):
            facts[*name, kind, ours] = _number(row[column])


_BREAKDOWN = {
    "Count": "count", "Min (runtime)": "runtime_min", "Max (runtime)": "runtime_max", "Mean (runtime)": "runtime_mean",
    "Total (runtime)": "total", "Min (mem)": "memory_min", "Max (mem)": "memory_max", "Mean (mem)": "memory_mean",
    "Min (avg. cpu)": "cpu_min", "Max (avg. cpu)": "cpu_max", "Mean (avg. cpu)": "cpu_mean",
}  # fmt: skip


def _their_breakdown(facts: Facts, row: dict[str, str]) -> None:
    who = row["Workflow_Id"] if row["Workflow_Id"].lower() != ALL else ALL
    for column, ours in _BREAKDOWN.items():
        facts["breakdown", who, row["Transformation"], row["Type"], ours] = _number(row[column])


_JOB = {
    "Site": "site", "Kickstart": "program_s", "Mult": "factor", "Kickstart-Mult": "program_factor_s",
    "CPU-Time": "cpu_s", "Post": "post_s", "CondorQTime": "queue_s", "Runtime": "run_s", "Seqexec": "cluster_s",
    "Seqexec-Delay": "cluster_delay_s", "Exitcode": "exit",
}  # fmt: skip


def _their_job(facts: Facts, row: dict[str, str]) -> None:
    name = ("job", row["Workflow_Id"], row["Job"], row["Try"])
    for column, ours in _JOB.items():
        value = row[column].strip()
        facts[*name, ours] = value if ours == "site" else _number(value)


def ours(database: Path) -> Facts:
    """The facts of ``stampede stats``, in the zone of UTC."""
    told = stampede("stats", "--db", f"sqlite:///{database}", "--all", "--per-workflow", "-s", "all", "--json")
    assert told.returncode == 0, told.stderr.decode()[-2000:]
    answer = json.loads(told.stdout)
    facts: Facts = {}
    _our_counts(facts, ("summary", ALL), answer)
    for name in _TIMES.values():
        facts["time", ALL, name] = answer["walls"][name]
    for who, one in [(ALL, answer), *((one["workflow"]["wf_uuid"], one) for one in answer["per_workflow"])]:
        _our_counts(facts, ("workflow", who), one)
        facts["workflow", who, "restarts"] = one["restarts"]
        for program in one["programs"]:
            _our_breakdown(facts, who, program)
        for check in one["integrity"]["checks"]:
            facts["integrity", who, check["type"], check["file_type"], "files"] = check["files"]
    for row in answer["tries"]:
        _our_job(facts, row)
    for period in answer["periods"]:
        day = period["start_ts"][:10]
        for what, column in (("jobs", "tries"), ("invocations", "invocations")):
            if period[column]:
                facts["day", ALL, day, what] = period[column]
                facts["day", ALL, day, f"{what}_s"] = period[f"{column}_s"]
    return facts


def _our_counts(facts: Facts, name: Name, one: dict[str, Any]) -> None:
    for kind in _KINDS.values():
        for column in _OUR_COUNTS:
            facts[*name, kind, column] = one[kind][column]


def _our_breakdown(facts: Facts, who: str, t: dict[str, Any]) -> None:
    name = ("breakdown", who, t["transformation"], "successful" if t["succeeded"] else "failed")
    facts[*name, "count"], facts[*name, "total"] = t["count"], t["total_s"]
    for what, measured, factor in (("runtime", "runtime_s", 1), ("memory", "memory_mb", 1), ("cpu", "avg_cpu", 100)):
        for of in ("min", "max", "mean"):
            value = t[measured][of]
            facts[*name, f"{what}_{of}"] = None if value is None else value * factor


def _our_job(facts: Facts, row: dict[str, Any]) -> None:
    name = ("job", row["wf_uuid"], row["job"], str(row["number"]))
    for column in _JOB.values():
        facts[*name, column] = row[column] if column != "exit" else _exit(row["exit"])


def _exit(told: dict[str, Any] | None) -> float | None:
    """As the peer prints it: the code, or minus the signal."""
    if told is None:
        return None
    return told["code"] if told["kind"] == "exited" else -told["signal"]


def same(one: float | str | None, other: float | str | None) -> bool:
    """Equal, to the digits that the peer prints."""
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= 0.0051 + 1e-6 * abs(other)
    return one == other
