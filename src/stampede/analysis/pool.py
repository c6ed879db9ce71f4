"""What HTCondor did to jobs and mended by itself: evictions, suspensions, machines lost; and jobs no machine took."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stampede.analysis import rules
from stampede.analysis.engine import removed_at
from stampede.analysis.finding import Finding
from stampede.query.trouble import Evidence, Idle, Interruption

#: seconds without a machine after which a wait is worth a word
STALL_S = 60.0

#: seconds in which an eviction only precedes the hold or removal that follows
_SAME_S = 5


def interruption_findings(facts: Evidence) -> Iterator[Finding]:
    """What came between a job and its machine."""
    gone = {w.workflow.wf_uuid: removed_at(w) for w in facts.workflows}
    lost = {(i.wf_uuid, i.job): i for i in facts.interruptions if i.state == "JOB_RECONNECT_FAILED"}
    for i in facts.interruptions:
        removed = gone.get(i.wf_uuid)
        if i.node_type == "service" or (removed is not None and i.ts >= removed - 2):
            continue
        label, message = _judge(i, lost, facts)
        if label:
            over = i.node_state == "done" or (label in ("suspended", "network") and i.next_state is not None)
            yield Finding(label, f"{message.rstrip('. ')}.{_went_on(i)}", i.path, i.ts, over, key=label)


def _judge(i: Interruption, lost: dict[tuple[str, str], Interruption], facts: Evidence) -> tuple[str, str]:
    """Label (empty: only a consequence) and message of one interruption."""
    if i.state == "JOB_SUSPENDED":
        return "suspended", f"It was suspended on its machine{_at(i)}."
    if i.state == "JOB_RECONNECT_FAILED":
        return _lost_machine(i, facts)
    ends = i.next_state in ("JOB_HELD", "JOB_ABORTED") and (i.next_ts or 0) - i.ts <= _SAME_S
    if ends or (i.wf_uuid, i.job) in lost:
        return "", ""
    if i.state == "JOB_DISCONNECTED":
        return _disconnected(i)
    if i.state == "SHADOW_EXCEPTION":
        return "starter_died", i.reason or "HTCondor's shadow lost the job."
    if i.state == "JOB_RESTARTED":
        return "starter_died", "It was started again without a word of what ended it: HTCondor's shadow died."
    if i.state == "JOB_EVICTED":
        rule = rules.first("evict", i.reason or "")
        if rule is not None:
            return rule.label, i.reason or ""
        return "evicted", i.reason or f"It was evicted from its machine{_at(i)}."
    return "", ""


def _disconnected(i: Interruption) -> tuple[str, str]:
    """A connection that was lost: had again, or still being tried for; the schedd's own restart is told elsewhere."""
    if i.next_state == "JOB_RECONNECT_FAILED" or re.search(r"\bschedd\b", i.reason or "", re.I):
        return "", ""
    return "network", i.reason or f"The connection to its machine was lost{_at(i)}."


def _lost_machine(i: Interruption, facts: Evidence) -> tuple[str, str]:
    """The connection could not be had again: the job had gone from its machine, or the machine itself."""
    reason = i.reason or next(
        (o.reason for o in facts.interruptions if o.state == "JOB_EVICTED" and (o.wf_uuid, o.job) == (i.wf_uuid, i.job)
         and abs(o.ts - i.ts) <= 2 and o.reason), None)  # fmt: skip
    if reason and re.search(r"not found at execution machine", reason, re.I):
        return "starter_died", f"{reason}{_at(i)}: HTCondor's starter died under it."
    return "host_down", reason or f"The machine did not come back{_at(i)}."


def _at(i: Interruption) -> str:
    return f" ({i.slot})" if i.slot else ""


def _went_on(i: Interruption) -> str:
    if i.state in ("JOB_EVICTED", "JOB_RECONNECT_FAILED") and i.restart_ts is not None:
        return f" HTCondor started it again {i.restart_ts - i.ts:.0f} s later."
    if i.next_state in ("JOB_UNSUSPENDED", "JOB_RECONNECTED") and i.next_ts is not None:
        return f" It went on {i.next_ts - i.ts:.0f} s later."
    return ""


def waiting_findings(facts: Evidence) -> Iterator[Finding]:
    """Jobs that no machine can match, and stretches in which the pool gave none at all."""
    stalled: list[Idle] = []
    for i in facts.idle:
        waited = i.until_ts - i.submit_ts
        alone = waited >= 2 * STALL_S and not i.running_meanwhile and i.unmet_requirements
        if not i.executed and waited >= STALL_S and (i.overtaken or _asks_more(i) or alone):
            jobs = "a job" if i.overtaken == 1 else f"{i.overtaken} jobs"
            later = f" while {jobs} submitted later started" if i.overtaken else ""
            yield Finding("unmatchable", f"It has waited {waited:.0f} s{later}.{_asks(i)}", i.path, i.until_ts)
        elif waited >= 2 * STALL_S and not i.running_meanwhile:
            stalled.append(i)
    if stalled:
        longest = max(stalled, key=lambda i: i.until_ts - i.submit_ts)
        waited = longest.until_ts - longest.submit_ts
        yield Finding("pool_stalled", f"For {waited:.0f} s nothing ran although {longest.job} waited for a machine.",
                      ts=longest.submit_ts, resolved=longest.executed, key="pool_stalled")  # fmt: skip


_RESOURCES = ("cpus", "memory_mb", "disk_kb", "gpus")
_UNITS = {"cpus": "CPUs", "memory_mb": "MB memory", "disk_kb": "kB disk", "gpus": "GPUs"}


def _asks_more(i: Idle) -> list[str]:
    """The resources of which it asks twice as much as any job of the workflow that was given a machine."""
    return [r for r in _RESOURCES if (getattr(i, f"req_{r}") or 0) >= 2 * (getattr(i, f"most_{r}") or 1e18)]


def _asks(i: Idle) -> str:
    more = set(_asks_more(i))
    wants = []
    for r in _RESOURCES:
        value, most = getattr(i, f"req_{r}"), getattr(i, f"most_{r}")
        if value and (r != "disk_kb" or r in more):
            wants.append(f"{value:,.0f} {_UNITS[r]}{f' (others: at most {most:,.0f})' if r in more else ''}")
    demand = f" It demands {i.unmet_requirements}." if i.unmet_requirements else ""
    return (f" It asks for {', '.join(wants)}." if wants else "") + demand
