"""Whether to try a job again, and how: what DAGMan's scripts ask after a try."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from stampede.analysis.advice.resources import memory_after
from stampede.analysis.forecast import OpenJob
from stampede.analysis.forecast.lessons import Lessons
from stampede.analysis.forecast.model import Outlook
from stampede.analysis.forecast.odds import odds_of
from stampede.analysis.judge import judge
from stampede.analysis.rules import causes
from stampede.query.trouble import Try
from stampede.query.usage import TryUsage

Decision = Literal["succeeded", "retry", "give_up"]

#: from this probability on that a job's own data, or all of its kind, is broken, another try is given up
GIVE_UP_FROM = 0.9
#: machines on which a job must have failed in the same way before that alone speaks against another try
SAME_ON = 2


class RetryAdvice(msgspec.Struct, frozen=True, kw_only=True):
    """What to do after a try of a job. ``why`` in words, the weightiest first.

    ``label`` is the kind of cause (as triage has it), ``try_number`` of ``tries`` is the try that ended (0: none),
    ``success`` the probability that another one goes well (None: not known). ``avoid_hosts`` are machines,
    ``request_memory_mb`` is set when memory was the cause.
    """

    job: str
    decision: Decision
    why: list[str]
    label: str | None = None
    try_number: int = 0
    tries: int = 1
    success: float | None = None
    avoid_hosts: list[str] = []
    request_memory_mb: int | None = None


def retry_advice(
    job: OpenJob, failures: Sequence[Try], usages: Sequence[TryUsage], told: Outlook, lessons: Lessons
) -> RetryAdvice:
    """Advice after the last of ``failures``, the failed tries of the job in their order.

    ``job`` counts the tries that are over; ``usages`` are what its tries used.
    """
    verdict = judge(failures[-1]) if failures else None
    label = (verdict.kind or verdict.label) if verdict is not None else None
    why = [verdict.message] if verdict is not None else []
    memory = memory_after(usages)
    suspects = [s for s in told.explanation.hosts.values() if s.convincing]
    suspects.sort(key=lambda s: (-s.log_bayes, s.name))
    odds = odds_of(job, told.explanation, lessons, told.hosts)
    against = _against(job, failures, label, told, memory)
    if memory is not None:
        why.append(f"It was stopped for its memory; ask for {memory} MB.")
    why += [f"{s.failed} of {s.tries} tries failed on {s.name}: avoid it." for s in suspects]
    if not against and not suspects and memory is None:
        why.append(f"Another try goes well with probability {1.0 - odds.try_fails:.2f}.")
    if job.failed >= job.tries:
        used = f"All {job.tries} tries are" if job.tries > 1 else "Its only try is"
        why.append(f"{used} used up: DAGMan gives it no other.")
    if failures and failures[-1].outcome is None:
        why.insert(0, "Its try has not ended: it is held.")
    return RetryAdvice(
        job=job.job, decision="give_up" if against else "retry", why=[*against, *why], label=label,
        try_number=job.failed, tries=job.tries, success=1.0 - odds.try_fails, avoid_hosts=[s.name for s in suspects],
        request_memory_mb=memory,
    )  # fmt: skip


def _against(job: OpenJob, failures: Sequence[Try], label: str | None, told: Outlook, memory: int | None) -> list[str]:
    """What speaks so much against another try that it is given up."""
    if memory is not None:
        return []  # with more memory it is another try
    found = []
    kind_of_cause = causes().get(label) if label is not None else None
    if kind_of_cause is not None and not kind_of_cause.retry:
        found.append(f"Trying again does not help: {kind_of_cause.title}. {kind_of_cause.next}")
    own = told.explanation.jobs.get(job.job, 0.0)
    machines = {t.host for t in failures if t.host}
    exits = {(t.main_exitcode, t.hold_code) for t in failures}
    if own >= GIVE_UP_FROM and len(machines) >= SAME_ON and len(exits) == 1:
        found.append(
            f"It failed in the same way on {len(machines)} machines, where others of its kind go well: "
            "what it reads, or itself, is broken."
        )
    kind = told.explanation.kinds.get(job.kind)
    if kind is not None and kind.probability >= GIVE_UP_FROM and kind.strength >= GIVE_UP_FROM:
        found.append(f"{kind.failed} of {kind.tries} tries of {job.kind} failed: all of its kind is broken.")
    return found


def untried(job: str, tries: int, *, futile: bool) -> RetryAdvice:
    """The advice on a job of which no try has ended: there is nothing to judge, and nothing against its first."""
    why = "It can never run now: what it waits for has failed." if futile else "No try of it has ended."
    return RetryAdvice(job=job, decision="retry", why=[why], tries=tries)


def succeeded(job: str, tries: int) -> RetryAdvice:
    """The advice after a try that went well."""
    return RetryAdvice(job=job, decision="succeeded", why=["The try went well."], tries=tries, success=1.0)
