"""Why one try went wrong: its cause, and what of what was seen is only a consequence.

The exit that a program itself reported (its kickstart record) comes before what HTCondor and DAGMan made of it: in
Pegasus' condorio mode a task that fails leaves no output, so HTCondor holds the job, a policy removes it, and the post
script makes the node fail; all that follows from the one exit.
"""

from __future__ import annotations

import re

import msgspec

from stampede.analysis.labels import HOLD_CODES
from stampede.model import exits
from stampede.query.trouble import FailedInvocation, Try

_NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded|ENOSPC|errno 28\b|errno=28\b|\[Errno 28\]", re.I)
_NO_FILE = re.compile(r"No such file or directory|errno 2\b|errno=2\b|does not exist|not found", re.I)
_NOT_RUNNABLE = re.compile(
    r"Failed to execute|command not found|Exec format error|Unable to execute|cannot execute|not executable"
    r"|No such file or directory|Permission denied|error while loading shared libraries",
    re.I,
)
_INTEGRITY = re.compile(
    r"integrity (?:check|verification)[^\n]*fail|checksum[^\n]*(?:mismatch|fail|differ|does not match|incorrect)"
    r"|Expected checksum|integrity_error",
    re.I,
)
_BY_PERSON = re.compile(r"\(by user [^)]*\)|via condor_(?:rm|hold)\b", re.I)
_WITH_DAG = re.compile(r"OtherJobRemoveRequirements|DAGManJobId|DAG Removed|DAG Abort|Node Error: DAG node", re.I)
_BY_POLICY = re.compile(r"PeriodicRemove|periodic_remove|SYSTEM_PERIODIC|OnExitRemove|TimerRemove|AllowedJobDuration"
                        r"|AllowedExecuteDuration|job exceeded", re.I)  # fmt: skip
_STAGE_IN = re.compile(r"\[Pegasus Lite\] Staging in", re.I)
_STAGE_OUT = re.compile(r"\[Pegasus Lite\] Staging out", re.I)
_USER_TASK = re.compile(r"\[Pegasus Lite\] Executing the user task", re.I)

_STAGING = {"stage-in-tx": "transfer_in_failed", "stage-out-tx": "transfer_out_failed",
            "inter-site-tx": "transfer_in_failed"}  # fmt: skip


class Verdict(msgspec.Struct):
    """A label with its message; ``consequences`` in words, ``tasks`` the failed tasks of a clustered job."""

    label: str
    message: str
    consequences: list[str] = []
    tasks: list[FailedInvocation] = []
    exit: str | None = None


def judge(t: Try) -> Verdict | None:
    """Why a try failed or stands still; None when it is only a consequence of something outside of it."""
    verdict = _cause(t)
    if verdict is not None:
        verdict.consequences = _consequences(t, verdict.message)
    return verdict


def is_held(t: Try) -> bool:
    """Whether it is in the queue and held now."""
    return t.state == "JOB_HELD" and t.outcome is None


def _cause(t: Try) -> Verdict | None:
    if is_held(t):
        return _program(t) or _held(t)
    if t.submit_error is not None:
        return Verdict("submit_failed", _submit_message(t))
    if t.pre_exitcode and t.execute_ts is None:
        script = f" ({t.pre_script})" if t.pre_script else ""
        return Verdict("pre_script_failed", f"The PRE script{script} ended with {exits.from_raw(t.pre_exitcode)}. "
                       f"{_last_telling(t.stdout)}".strip())  # fmt: skip
    found = _program(t)
    if found is not None:
        return found
    if t.aborted:
        return _removed(t)
    if t.post_exitcode and not t.main_exitcode:
        script = f" ({t.post_script})" if t.post_script else ""
        return Verdict("post_script_failed", f"The POST script{script} ended with {exits.from_raw(t.post_exitcode)} "
                       "though the job succeeded.")  # fmt: skip
    if t.hold_reason is not None:
        return _held(t)
    return Verdict("exit_code", f"It failed with {exits.from_raw(t.main_exitcode)}. {_last_line(t.stderr)}".strip())


def _submit_message(t: Try) -> str:
    error = (t.submit_error or "").strip().rstrip(": ")
    if not error:
        return "The job could not be submitted; the log does not say why."
    return error if not t.submit_file or t.submit_file in error else f"{t.submit_file}: {error}"


# ---- the program ----------------------------------------------------------------------------------------------------


def _program(t: Try) -> Verdict | None:
    """A cause that the program, its record or its wrapper tells; None when it is not known how it ended."""
    failed = [i for i in t.invocations if not (t.exit_unknown and i.exitcode == exits.UNKNOWN.raw)]
    raw = failed[0].exitcode if failed else t.main_exitcode
    if not raw or (t.exit_unknown and not failed):
        return None
    ended = exits.from_raw(raw)
    words = "\n".join([*(i.note for i in failed if i.note), t.stdout, t.stderr])
    said = _telling_line(t)
    tasks = failed if len(failed) > 1 or (failed and failed[0].task_name) else []
    message = f"{_subject(failed)}ended with {_exit_text(raw, ended)}. {said}".strip()
    label = _special(t, raw, ended, words)
    if label == "wrong_executable" and failed and failed[0].executable:
        message = f"{failed[0].executable} cannot be run: {said or _exit_text(raw, ended)}"
    return Verdict(label, message, tasks=tasks, exit=str(ended))


def _special(t: Try, raw: int, ended: exits.Exit, words: str) -> str:
    if _NO_SPACE.search(words):
        return "disk_full"
    if t.integrity_errors or _INTEGRITY.search(words):
        return "integrity_error"
    if t.type_desc in _STAGING:
        return _STAGING[t.type_desc]
    if ended.kind == "signalled":
        return "signal"
    if raw < 0 or (ended.code in (126, 127) and _NOT_RUNNABLE.search(words)):
        return "wrong_executable"
    if t.failed_transfers or not t.invocations or all(i.transformation == "" for i in t.invocations):
        staging = _lite_staging(t)
        if staging is not None:
            return staging
    return "exit_code"


def _lite_staging(t: Try) -> str | None:
    """PegasusLite failed while it moved files: before the user's task, or after it."""
    last = None
    for pattern, label in ((_STAGE_IN, "transfer_in_failed"), (_USER_TASK, None), (_STAGE_OUT, "transfer_out_failed")):
        for found in pattern.finditer(t.stderr):
            if last is None or found.start() > last[0]:
                last = (found.start(), label)
    return last[1] if last is not None else None


def _subject(failed: list[FailedInvocation]) -> str:
    if not failed:
        return "It "
    first = failed[0]
    name = first.task_name or first.task
    return f"Task {name} " if name else "It "


def _exit_text(raw: int, ended: exits.Exit) -> str:
    if raw < 0:
        return "no start at all (the program could not be executed)"
    return str(ended)


# ---- HTCondor's holds and removals ----------------------------------------------------------------------------------


def hold_label(reason: str | None, code: int | None) -> str:
    """The cause behind a hold."""
    text = reason or ""
    if _NO_SPACE.search(text):
        return "disk_full"
    label = HOLD_CODES.get(code) if code is not None else None
    if label is None:
        if re.search(r"Transfer output files failure", text):
            label = "transfer_out_failed"
        elif re.search(r"Transfer input files failure", text):
            label = "transfer_in_failed"
        elif re.search(r"Failed to execute|Failed to initialize", text):
            label = "wrong_executable"
        elif _BY_PERSON.search(text):
            label = "held_by_operator"
        else:
            label = "held_policy"
    if label == "transfer_out_failed" and _NO_FILE.search(text):
        return "missing_output"
    if label == "transfer_in_failed" and _NO_FILE.search(text):
        return "missing_input"
    return label


def _held(t: Try) -> Verdict:
    reason = t.hold_reason or "The job is held; the log does not say why."
    return Verdict(hold_label(t.hold_reason, t.hold_code), reason)


def _removed(t: Try) -> Verdict | None:
    reason = t.remove_reason or ""
    if _WITH_DAG.search(reason):
        return None
    label = hold_label(t.hold_reason, t.hold_code) if t.hold_reason is not None else None
    if label is not None and label not in ("held_policy", "held_by_operator"):
        return _held(t)
    if _BY_POLICY.search(reason) and not _BY_PERSON.search(reason):
        if label is not None:
            return _held(t)
        return Verdict("removed_by_policy", reason)
    if reason:
        return Verdict("removed_by_operator", f"Removed from the queue: {reason}")
    return Verdict("removed_by_operator", "Removed from the queue; the log does not say by whom.")


def _consequences(t: Try, message: str) -> list[str]:
    """What followed from the cause, in words; what the message says already is left out."""
    found = []
    if t.hold_reason is not None and not is_held(t) and t.hold_reason not in message:
        found.append(f"then held: {t.hold_reason}")
    if t.aborted and (t.remove_reason is None or t.remove_reason not in message):
        found.append(f"then removed: {t.remove_reason}" if t.remove_reason else "then removed from the queue")
    if t.post_exitcode and t.main_exitcode:
        found.append(f"then its POST script failed ({exits.from_raw(t.post_exitcode)})")
    return found


# ---- words ----------------------------------------------------------------------------------------------------------

_NOISE = re.compile(
    r"^(?:#@ \d+ std(?:out|err)|\s*|PegasusLite: .*|\d{4}-\d\d-\d\d .*(?:User task failed|Job launched).*|#+.*"
    r"|pegasus-cluster: unable to become process group leader.*)$"
)
_TELLING = re.compile(
    r"error|fatal|fail|exception|traceback|denied|missing|cannot|can't|unable|not found|no such|killed|invalid|"
    r"segmentation|abort|timed? ?out|refused|no space",
    re.I,
)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if not _NOISE.match(line.strip())]


def _last_line(text: str) -> str:
    return _last_telling(text) or (_lines(text) or [""])[-1][:300]


def _last_telling(text: str) -> str:
    return next((line[:300] for line in reversed(_lines(text)) if _TELLING.search(line)), "")


def _telling_line(t: Try) -> str:
    """The output line that most likely says why: the failed task's own error text first, then the wrapper's."""
    own = _blocks(t.stdout)
    notes = {i.seq: i.note or "" for i in t.invocations}
    texts = [text for (number, stream), text in own if stream == "stderr" and (number in notes or not notes)]
    texts += [note for note in notes.values() if note]
    for text in (*texts, t.stderr, t.stdout):
        telling = _last_telling(text)
        if telling:
            return telling
    return _last_line(texts[-1] if texts else t.stderr)


def _blocks(text: str) -> list[tuple[tuple[int, str], str]]:
    """The output of each task: ``#@ <n> stdout|stderr`` and what follows."""
    parts = re.split(r"#@ (\d+) (stdout|stderr)\n", text)
    return [((int(parts[i]), parts[i + 1]), parts[i + 2]) for i in range(1, len(parts) - 2, 3)]
