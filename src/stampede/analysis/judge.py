"""Why one try went wrong: its cause, and what of what was seen is only a consequence.

The exit that a program itself reported (its kickstart record) comes before what HTCondor and DAGMan made of it: in
Pegasus' condorio mode a task that fails leaves no output, so HTCondor holds the job, a policy removes it, and the post
script makes the node fail; all that follows from the one exit.
"""

from __future__ import annotations

import msgspec

from stampede.analysis import rules
from stampede.model import exits
from stampede.model.wording import LITE_STAGE, blocks, last_line, last_telling
from stampede.query.trouble import FailedInvocation, Try


class Verdict(msgspec.Struct):
    """A label with its message; ``consequences`` in words, ``tasks`` the failed tasks of a clustered job."""

    label: str
    message: str
    consequences: list[str] = []
    tasks: list[FailedInvocation] = []
    exit: str | None = None
    #: the label, or a closer word for it
    kind: str = ""


def judge(t: Try) -> Verdict | None:
    """Why a try failed or stands still; None when it is only a consequence of something outside of it."""
    verdict = _cause(t)
    if verdict is not None:
        verdict.consequences = _consequences(t, verdict.message)
        words = (verdict.message, t.hold_reason, t.remove_reason, *(i.note for i in t.invocations), t.stderr, t.stdout)
        verdict.kind = rules.closer(verdict.label, "\n".join(w for w in words if w))
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
                       f"{last_telling(t.stdout)}".strip())  # fmt: skip
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
    return Verdict("exit_code", f"It failed with {exits.from_raw(t.main_exitcode)}. {last_line(t.stderr)}".strip())


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
    said = rules.first("program", words)
    if said is not None:
        return said.label
    if t.integrity_errors:
        return "integrity_error"
    if (staging := rules.first("job_type", t.type_desc)) is not None:
        return staging.label
    if ended.kind == "signalled":
        return "signal"
    if (exit_rule := rules.first_of_exit(words, ended.code, started=raw >= 0)) is not None:
        return exit_rule.label
    if t.failed_transfers or not t.invocations or all(i.transformation == "" for i in t.invocations):
        return _lite_staging(t) or "exit_code"
    return "exit_code"


def _lite_staging(t: Try) -> str | None:
    """PegasusLite failed while it moved files: before the user's task, or after it."""
    stages = LITE_STAGE.findall(t.stderr)
    rule = rules.first("lite_stage", stages[-1]) if stages else None
    return rule.label if rule is not None else None


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
    rule = rules.first("hold", reason or "", code=code)
    return rule.label if rule is not None else "held_policy"


def _held(t: Try) -> Verdict:
    reason = t.hold_reason or "The job is held; the log does not say why."
    return Verdict(hold_label(t.hold_reason, t.hold_code), reason)


def _removed(t: Try) -> Verdict | None:
    reason = t.remove_reason or ""
    rule = rules.first("remove", reason)
    removal = rule.label if rule is not None else "removed_by_operator"
    if not removal:
        return None
    label = hold_label(t.hold_reason, t.hold_code) if t.hold_reason is not None else None
    if label is not None and (label not in _STANDING or removal == "removed_by_policy"):
        return _held(t)
    if removal == "removed_by_policy":
        return Verdict(removal, reason)
    return Verdict(removal, f"Removed from the queue: {reason}" if reason else
                   "Removed from the queue; the log does not say by whom.")  # fmt: skip


#: holds that say nothing of what went wrong: a removal that a person made of such a job is the cause
_STANDING = ("held_policy", "held_by_operator")


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


def _telling_line(t: Try) -> str:
    """The output line that most likely says why: the failed task's own error text first, then the wrapper's."""
    own = blocks(t.stdout)
    notes = {i.seq: i.note or "" for i in t.invocations}
    texts = [text for (number, stream), text in own if stream == "stderr" and (number in notes or not notes)]
    texts += [note for note in notes.values() if note]
    for text in (*texts, t.stderr, t.stdout):
        telling = last_telling(text)
        if telling:
            return telling
    return last_line(texts[-1] if texts else t.stderr)
