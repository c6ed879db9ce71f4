"""Where ``stampede stats`` says something else than pegasus-statistics, and why that is right.

As in :mod:`.explained`: a rule is as narrow as its reason and names a section of ``docs/reference/differences.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from .peer_statistics import Facts, Name, same

#: whether a fact (by name) that differs is what the reason says: what they tell, what we tell, both are all facts
Test = Callable[[Name, Facts, Facts], bool]
_EPOCH = "1970-01-01"


class Rule(msgspec.Struct, frozen=True):
    """A difference that is meant: of which fact, when, and the section that says why."""

    anchor: str
    section: str
    column: str
    test: Test
    #: only of workflows that were running
    running: bool = False


def _number(facts: Facts, name: Name) -> float:
    value = facts.get(name)
    return float(value) if isinstance(value, (int, float)) else 0.0


def _told_by_us_alone(name: Name, theirs: Facts, ours: Facts) -> bool:
    return theirs.get(name) is None and _number(ours, name) > 0


def _more_by_those_that_run(name: Name, theirs: Facts, ours: Facts) -> bool:
    """Ours are more by tries that have begun to execute and not ended."""
    open_tries = sum(1 for n, v in ours.items() if n[0] == "job" and n[-1] == "run_s" and v is None)
    return 0 < _number(ours, name) - _number(theirs, name) <= open_tries


def _exit_of_the_job(name: Name, theirs: Facts, ours: Facts) -> bool:
    """Theirs is that of the POST script or the largest of a task (1); -1 is an exit code 1 taken for a signal; -128 is
    kickstart's word for a program that could not be started, which a shell calls 127."""
    return (theirs.get(name), ours.get(name)) in ((1.0, 5), (-1.0, 1), (-128.0, 127))


def _of_1970(name: Name, theirs: Facts, ours: Facts) -> bool:
    """What stands on a day of 1970 there stands on the day it was tried here; all days together are the same."""

    def total(facts: Facts) -> float:
        return sum(_number(facts, n) for n in facts if n[0] == "day" and n[-1] == name[-1])

    moved = (name[0], name[1], _EPOCH, name[-1]) in theirs
    return moved and same(total(theirs), total(ours))


def _failed_without_a_code(name: Name, theirs: Facts, ours: Facts) -> bool:
    """Ours is more by the time of programs that were killed or never started."""
    missed = sum(
        _number(ours, (*n[:-1], "program_factor_s"))
        for n, v in ours.items()
        if n[0] == "job" and n[-1] == "exit" and isinstance(v, (int, float)) and (v < 0 or v == 127)
    )
    return missed > 0 and same(_number(theirs, name) + missed, _number(ours, name))


RULES: Sequence[Rule] = (
    Rule("wall-time-so-far", "time", "workflows_s", _told_by_us_alone, running=True),
    Rule("tries-that-run", "day", "jobs", _more_by_those_that_run, running=True),
    Rule("exit-of-a-try", "job", "exit", _exit_of_the_job),
    Rule("programs-that-never-started", "day", "invocations", _of_1970),
    Rule("programs-that-never-started", "day", "invocations_s", _of_1970),
    Rule("badput-without-an-exit-code", "time", "bad_jobs_s", _failed_without_a_code),
)


def unexplained(theirs: Facts, ours: Facts, *, in_progress: bool) -> list[str]:
    """The facts that differ and that no rule covers, one line each; a fact that one side lacks differs too."""
    left = []
    for name in sorted(theirs.keys() | ours.keys()):
        they, we = theirs.get(name, "absent"), ours.get(name, "absent")
        rules = [r for r in RULES if (r.section, r.column) == (name[0], name[-1]) and (in_progress or not r.running)]
        if not same(they, we) and not any(rule.test(name, theirs, ours) for rule in rules):
            left.append(f"{'/'.join(name)}: the peer {they}, ours {we}")
    return left
