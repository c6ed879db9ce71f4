"""The rules are data: every one names a known cause, can be read, and says what it rests on."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from stampede.analysis import rules
from stampede.analysis.rules import CauseKind, Rule, causes

PLACES = {"program", "exit", "closer", "job_type", "lite_stage", "hold", "remove", "evict"}
#: what a command may hold (``analysis.command``)
NAMES = {"job", "id", "host", "dir", "file", "script", "executable", "dag", "dagman", "workflow"}


@pytest.mark.parametrize("kind", causes().values(), ids=lambda kind: kind.label)
def test_a_cause_has_words_a_next_step_and_evidence(kind: CauseKind) -> None:
    assert kind.title
    assert not kind.title.endswith(".")
    assert kind.means.endswith(".")
    assert kind.next.endswith(".")
    assert kind.seen
    assert set(kind.under) <= causes().keys()
    assert {name for _, name, _, _ in Formatter().parse(kind.command) if name} <= NAMES


@pytest.mark.parametrize("rule", rules.rules(), ids=lambda rule: rule.id)
def test_a_rule_names_a_known_cause_place_and_evidence(rule: Rule) -> None:
    assert rule.place in PLACES
    assert not rule.label or rule.label in causes()
    assert rule.seen
    for pattern in (rule.match, rule.unless, rule.says or ""):
        re.compile(pattern)


def test_ids_are_unique() -> None:
    ids = [rule.id for rule in rules.rules()]
    assert len(set(ids)) == len(ids)


def test_a_hold_code_is_in_the_rules_of_one_kind_of_hold() -> None:
    """Else the order of the file would decide what a code means."""
    says: dict[int, set[str | None]] = {}
    for rule in rules.rules():
        for code in rule.codes:
            says.setdefault(code, set()).add(rule.says)
    assert all(len(kinds) == 1 for kinds in says.values())


def test_a_code_that_is_in_no_rule_leaves_it_to_the_words() -> None:
    found = rules.first("hold", "Transfer input files failure: (errno 13) Permission denied", code=99)
    assert found is not None
    assert found.label == "transfer_in_failed"


@pytest.mark.parametrize(
    ("label", "text", "kind"),
    [
        ("signal", "java.lang.OutOfMemoryError: Java heap space", "out_of_memory"),
        ("exit_code", "numpy: MemoryError", "out_of_memory"),
        ("held_policy", "Job has gone over cgroup memory limit of 128 megabytes.", "out_of_memory"),
        ("held_policy", "The job exceeded allowed job duration of 30", "walltime"),
        ("missing_input", "out of memory", "missing_input"),
        ("exit_code", "no licence", "exit_code"),
    ],
)
def test_a_closer_word_is_found_where_it_may_stand(label: str, text: str, kind: str) -> None:
    assert rules.closer(label, text) == kind
