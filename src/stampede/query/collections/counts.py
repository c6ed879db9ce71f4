"""What the counts that the database keeps say of a list: how many rows it has, exactly or about."""

from __future__ import annotations

from stampede.query.collections.question import Question, clause
from stampede.query.collections.scope import Scope, size_of
from stampede.store.reader import Reader


def kept_count(reader: Reader, question: Question) -> int | None:
    """The exact number of rows, where the database keeps it; None where it has to be counted."""
    conditions = question.filter.conditions
    if question.search:
        return None
    if question.collection.name == "jobs":
        if not conditions:
            return (size_of(reader, question.collection, question.scope) or 0) + _in_states(
                reader, question.scope, ["service"]
            )
        only = conditions[0]
        if len(conditions) == 1 and only.field.name == "state" and only.operator == "=" and None not in only.values:
            return _in_states(reader, question.scope, [str(v) for v in dict.fromkeys(only.values)])
    if question.collection.name == "job_instances" and not conditions:
        return size_of(reader, question.collection, question.scope)
    return None


def about(reader: Reader, question: Question) -> int | None:
    """About how many rows the filter leaves, as far as kept counts tell; None when nothing tells."""
    named = next((question.filter.asks(c.name) for c in question.collection.columns if c.named), None)
    if named is not None and question.scope.workflows is not None:
        return len(named.values) * len(question.scope.workflows)
    states = _states(question) if question.collection.name == "jobs" else None
    if states is not None:
        return _in_states(reader, question.scope, states)
    return size_of(reader, question.collection, question.scope)


def failures(reader: Reader, question: Question) -> int:
    """How many tries failed; more than any number where there is no index of them."""
    if not question.collection.walk.startswith("job_instance i "):
        return 1 << 62
    where, values = question.scope.sql("s.wf_id")
    row = reader.one(f"SELECT sum(s.attempts_failed) FROM workflow_summary s{clause(where)}", values)
    return row[0] or 0 if row else 0


def _states(question: Question) -> list[str] | None:
    """The node states that the filter leaves; None when it leaves all."""
    condition = question.filter.asks("state")
    if condition is not None:
        return [str(v) for v in condition.values if v is not None]
    condition = question.filter.asks("word")
    within = question.collection.by_name["word"].within
    if condition is None or within is None:
        return None
    return list(dict.fromkeys(within[1].get(str(v), str(v)) for v in condition.values if v is not None))


def _in_states(reader: Reader, scope: Scope, states: list[str]) -> int:
    """How many jobs are in some states, by the counts that are kept (service nodes are counted one by one)."""
    where, values = scope.sql("s.wf_id")
    kept = [s for s in states if s != "service"]
    total = 0
    if kept:
        row = reader.one(f"SELECT {', '.join(f'sum(s.{s})' for s in kept)} FROM workflow_summary s{clause(where)}",
                         values)  # fmt: skip
        total = sum(n or 0 for n in row or ())
    if "service" in states:
        where, values = scope.sql("j.wf_id")
        where.append("j.wf_id IN (SELECT w.wf_id FROM workflow w)")  # so that the index of states is entered
        row = reader.one(f"SELECT count(*) FROM job j{clause([*where, 'j.node_state = ?'])}", [*values, "service"])
        total += row[0] if row else 0
    return total
