"""Where ``stampede stats`` says something else than pegasus-statistics, and why that is right.

As in :mod:`.explained`: a rule is as narrow as its reason and names a section of ``docs/reference/differences.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from .peer_statistics import Facts, Name, same

Value = float | str | None


class Rule(msgspec.Struct, frozen=True):
    """A difference that is meant: of which fact, when, and the section that says why."""

    anchor: str
    section: str
    column: str
    test: Callable[[Name, Value, Value, Facts, bool], bool]


def _running(name: Name, theirs: Value, ours: Value, facts: Facts, in_progress: bool) -> bool:
    """They tell no wall time before the end."""
    return in_progress and theirs is None and isinstance(ours, float) and ours > 0


def _running_tries(name: Name, theirs: Value, ours: Value, facts: Facts, in_progress: bool) -> bool:
    """They leave out tries that have begun and not ended; ours are more by the jobs whose last try runs."""
    begun = sum(1 for n, v in facts.items() if n[0] == "job" and n[-1] == "run_s" and v is None)
    return in_progress and isinstance(theirs, float) and theirs < float(ours or 0) <= theirs + begun


def _exit_of_the_job(name: Name, theirs: Value, ours: Value, facts: Facts, in_progress: bool) -> bool:
    """Theirs is that of the POST script or of the largest task (1); -1 is an exit code 1 taken for a signal; -128 is
    kickstart's word for a program that could not be started, which a shell calls 127."""
    return (theirs, ours) in ((1.0, 5), (-1.0, 1), (-128.0, 127))


def _of_1970(name: Name, theirs: Value, ours: Value, facts: Facts, in_progress: bool) -> bool:
    """Programs that never started stand on a day of 1970 there, which their reports by day leave out."""
    never = sum(1 for n, v in facts.items() if n[0] == "job" and n[-1] == "exit" and v == 127)
    more = float(ours or 0) - float(theirs or 0)
    return 0 < more <= (never if name[-1] == "invocations" else 0.01 * never)


RULES: Sequence[Rule] = (
    Rule("wall-time-so-far", "time", "workflows_s", _running),
    Rule("tries-that-run", "day", "jobs", _running_tries),
    Rule("exit-of-a-try", "job", "exit", _exit_of_the_job),
    Rule("programs-that-never-started", "day", "invocations", _of_1970),
    Rule("programs-that-never-started", "day", "invocations_s", _of_1970),
)


def unexplained(theirs: Facts, ours: Facts, *, in_progress: bool) -> list[str]:
    """The facts that differ and that no rule covers, one line each; a fact that one side lacks differs too."""
    left = []
    for name in sorted(theirs.keys() | ours.keys()):
        they, we = theirs.get(name, "absent"), ours.get(name, "absent")
        if same(they, we):
            continue
        covered = any(
            rule.test(name, they, we, ours, in_progress)
            for rule in RULES
            if (rule.section, rule.column) == (name[0], name[-1]) and "absent" not in (they, we)
        )
        if not covered:
            left.append(f"{'/'.join(name)}: the peer {they}, ours {we}")
    return left
