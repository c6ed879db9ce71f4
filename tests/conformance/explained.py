"""Where our database says something else than the peer's, and why that is right.

Each rule names a section of ``docs/reference/differences.md`` and holds a test that is as narrow as the reason: the
numbers must be what the reason says, not merely different. Whatever no rule covers is a fault of ours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import unquote

import msgspec

from .compare import Difference, Kind, Value
from .tables import PEER_JOBSTATES

#: raw status of pegasus-cluster when one of its tasks failed (exit code 5)
CLUSTER_FAILED = 5 << 8
#: and of kickstart when it could not start its program, which its record has as a negative status
NEVER_STARTED = 127 << 8
Test = Callable[[Difference], bool]
VALUE: tuple[Kind, ...] = ("value",)


class Rule(msgspec.Struct, frozen=True):
    """A difference that is meant: in which table and column (None: whole rows), when, and the section that says why."""

    anchor: str
    table: str
    column: str | None
    test: Test
    kinds: tuple[Kind, ...] = VALUE

    def covers(self, difference: Difference) -> bool:
        return (
            difference.kind in self.kinds
            and difference.table == self.table
            and difference.column == self.column
            and self.test(difference)
        )


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _arguments(difference: Difference) -> bool:
    sequence = _number(difference.our_row["task_submit_seq"]) or 0
    wrapper = difference.theirs is None or difference.theirs == difference.their_row["_job_argv"]
    return sequence > 0 and wrapper


def _whole_seconds(difference: Difference) -> bool:
    ours, theirs = _number(difference.ours), _number(difference.theirs)
    return ours is not None and theirs is not None and math.floor(ours) == theirs


def _never_started(difference: Difference) -> bool:
    exit_raw = _number(difference.our_row["exitcode"]) or 0
    return difference.theirs == 0 and bool(difference.ours) and exit_raw < 0


def _script_time(difference: Difference) -> bool:
    row = difference.their_row
    script = (_number(row["task_submit_seq"]) or 0) < 0
    return script and difference.ours is None and difference.theirs == row["remote_duration"]


def _words(text: Value) -> list[str]:
    return unquote(str(text or "")).split()


def _words_between(difference: Difference) -> bool:
    """All that the peer kept is there, in its order, with more words in between or at the end."""
    ours = iter(_words(difference.ours))
    return all(word in ours for word in _words(difference.theirs) if not word.startswith("#@"))


def _not_ended(difference: Difference) -> bool:
    return difference.theirs is None and bool(difference.ours) and difference.their_row["exitcode"] is None


def _own_input(difference: Difference) -> bool:
    name = str(difference.ours or "").rsplit("/", 1)[-1]
    return difference.theirs is None and name == f"{difference.our_row['job_id']}.in"


def _escaped(difference: Difference) -> bool:
    ours, theirs = difference.ours, difference.theirs
    return isinstance(ours, str) and re.sub(r"([\\'])", r"\\\1", ours) == theirs


def _filled(difference: Difference) -> bool:
    return difference.theirs is None and difference.ours is not None


#: states of which a job event log or the submission tells the reason; that of a hold the peer has as well
_STATES_WITH_REASON = frozenset({"JOB_EVICTED", "JOB_ABORTED", "SUBMIT_FAILED", "JOB_FAILURE", "REMOTE_ERROR"})


def _reason_told(difference: Difference) -> bool:
    return _filled(difference) and difference.row["state"] in _STATES_WITH_REASON


def _exit_of_the_job(difference: Difference) -> bool:
    """Theirs is the POST script's; ours is what a record of this try says, in both databases."""
    theirs_is_the_scripts = difference.theirs == difference.their_row["_post_exit"] == difference.our_row["_post_exit"]
    ours = _number(difference.ours)
    recorded = [str(row["_record_exits"] or "").split(",") for row in (difference.our_row, difference.their_row)]
    never_started = ours == NEVER_STARTED and all(any(e.startswith("-") for e in exits) for exits in recorded)
    told = ours is not None and (never_started or all(f"{ours:.0f}" in exits for exits in recorded))
    of_cluster = difference.row["_clustered"] == 1 and ours == CLUSTER_FAILED
    return theirs_is_the_scripts and (told or of_cluster)


def _unshifted(difference: Difference) -> bool:
    ours, theirs = _number(difference.ours), _number(difference.theirs)
    return ours is not None and theirs is not None and 0 < theirs < 256 and ours == theirs * 256


def _signal_shifted(difference: Difference) -> bool:
    ours, theirs = _number(difference.ours), _number(difference.theirs)
    return ours is not None and theirs is not None and 0 < ours < 128 and theirs == ours * 256


def _stripped(difference: Difference) -> bool:
    ours, theirs = difference.ours, difference.theirs
    return isinstance(ours, str) and isinstance(theirs, str) and ours.split() == theirs.split()


def _shifted_by_more_states(difference: Difference) -> bool:
    ours, theirs = _number(difference.ours), _number(difference.theirs)
    more = _number(difference.our_row["_more_states_before"])
    return bool(more) and ours is not None and theirs is not None and ours - theirs == more


def _unknown_to_peer(difference: Difference) -> bool:
    """A state that it does not know, or an error that only the job's own event log tells (number 0)."""
    row = difference.row
    only_in_job_log = row["state"] == "REMOTE_ERROR" and row["jobstate_submit_seq"] == 0
    return row["state"] not in PEER_JOBSTATES or only_in_job_log


def _of_sub_workflow(difference: Difference) -> bool:
    return difference.row.get("_type") in {"dax", "dag"}


def _host_of_sub_workflows(difference: Difference) -> bool:
    return set(str(difference.row.get("_types") or "").split(",")) <= {"dax", "dag"}


def _overwritten(difference: Difference) -> bool:
    name = str(difference.their_row["stdout_file"] or "")
    return not re.search(r"\.\d{3}$", name) and bool(difference.their_row["_later_tries"])


def _made_up_end(difference: Difference) -> bool:
    return difference.row["state"] == "WORKFLOW_TERMINATED" and difference.row["status"] == 2


def _shared_file(difference: Difference) -> bool:
    return (_number(difference.row["_workflows"]) or 0) > 1


RULES: Sequence[Rule] = (
    Rule("where-the-database-is", "workflow", "db_url", lambda difference: True),
    Rule("arguments-of-a-task", "invocation", "argv", _arguments),
    Rule("fractions-of-a-second", "invocation", "start_time", _whole_seconds),
    Rule("fractions-of-a-second", "job_instance", "cluster_start", _whole_seconds),
    Rule("programs-that-never-started", "invocation", "start_time", _never_started),
    Rule("time-of-a-script", "invocation", "remote_cpu_time", _script_time),
    Rule("words-beside-the-output", "job_instance", "stdout_text", _words_between),
    Rule("files-of-a-running-try", "job_instance", "stdin_file", _not_ended),
    Rule("files-of-a-running-try", "job_instance", "stdout_file", _not_ended),
    Rule("files-of-a-running-try", "job_instance", "stderr_file", _not_ended),
    Rule("input-of-a-job", "job_instance", "stdin_file", _own_input),
    Rule("escaped-arguments", "invocation", "argv", _escaped),
    Rule("escaped-arguments", "job", "argv", _escaped),
    Rule("escaped-arguments", "task", "argv", _escaped),
    Rule("memory-of-a-host", "host", "total_memory", _filled),
    Rule("exit-of-a-try", "job_instance", "exitcode", _exit_of_the_job),
    Rule("unshifted-exit-codes", "invocation", "exitcode", _unshifted),
    Rule("kills-by-a-signal", "invocation", "exitcode", _signal_shifted),
    Rule("reasons", "jobstate", "reason", _reason_told),
    Rule("reasons", "jobstate", "reason", _stripped),
    Rule("reasons", "workflowstate", "reason", _filled),
    Rule("more-states", "jobstate", None, _unknown_to_peer, ("only_ours",)),
    Rule("more-states", "jobstate", "jobstate_submit_seq", _shifted_by_more_states),
    Rule("host-of-a-sub-workflow", "job_instance", "host_id", _of_sub_workflow),
    Rule("host-of-a-sub-workflow", "host", None, _host_of_sub_workflows, ("only_theirs",)),
    Rule("overwritten-output", "job_instance", "stdout_text", _overwritten),
    Rule("overwritten-output", "job_instance", "stderr_text", _overwritten),
    Rule("made-up-ends", "workflowstate", None, _made_up_end, ("only_theirs",)),
    Rule("files-of-equal-name", "rc_meta", "value", _shared_file),
)


def explain(
    differences: Iterable[Difference], rules: Sequence[Rule] = RULES
) -> tuple[list[tuple[str, Difference]], list[Difference]]:
    """Sort differences into those that a rule covers (with its section) and those that none does."""
    covered: list[tuple[str, Difference]] = []
    left: list[Difference] = []
    for difference in differences:
        anchor = next((rule.anchor for rule in rules if rule.covers(difference)), None)
        if anchor is None:
            left.append(difference)
        else:
            covered.append((anchor, difference))
    return covered, left


class LineRule(msgspec.Struct, frozen=True):
    """Lines of a report of the peer's tools that may differ between its database and ours."""

    anchor: str
    pattern: str


#: lines of pegasus-statistics and pegasus-analyzer, after paths and times of the run itself were taken out
LINE_RULES: Sequence[LineRule] = (
    LineRule("arguments-of-a-task", r"^arguments +: "),
    LineRule("reasons", r"^reason +: "),
)


def explained_line(line: str, rules: Sequence[LineRule] = LINE_RULES) -> str | None:
    """The section that explains why this line of a report differs, if one does."""
    return next((rule.anchor for rule in rules if re.search(rule.pattern, line)), None)


class EventRule(msgspec.Struct, frozen=True):
    """Events that only one side (``ours`` or ``theirs``) sends, and the section that says why."""

    anchor: str
    event: str
    side: str


#: identity of an event that occurs on one side only
EVENT_RULES: Sequence[EventRule] = (
    EventRule("host-of-a-sub-workflow", "stampede.job_inst.host.info", "theirs"),
    EventRule("composite-events", "stampede.job_inst.composite", "theirs"),
)


def explained_event(name: str, side: str, rules: Sequence[EventRule] = EVENT_RULES) -> str | None:
    """The section that explains why an event is on one side only, if one does."""
    return next((rule.anchor for rule in rules if (rule.event, rule.side) == (name, side)), None)
