"""Which tries a picture of time is made of, and how they are found.

What ran in a window is found by index: it began in it, or before it by no more than it took. An index has tries by
classes of that (``store.partial.SPAN``), so that a window costs about what it holds; in a database without it they
began before it by no more than the longest try took. What lasts has no end yet and is found by that.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from stampede.errors import UsageError
from stampede.query.collections.parts import ATTEMPT
from stampede.query.pictures.window import Window
from stampede.store.partial import SPAN, SPANS_S
from stampede.store.reader import Reader

By = Literal["transformation", "host", "site", "path"]
#: of which tries: of all, of the last of each job, of those that failed, or of the nth of each job
Attempts = Literal["all", "last", "failed"] | int
_WORDS: Final[tuple[Literal["all", "last", "failed"], ...]] = ("all", "last", "failed")

#: what a job runs, in SQL
KIND: Final = (
    "coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id), j.type_desc)"
)
#: where a try ran, in SQL
HOST: Final = (
    "coalesce((SELECT nullif(h.hostname, 'unknown') FROM host h WHERE h.host_id = i.host_id), "
    "i.slot, i.site, 'unknown')"
)  # fmt: skip
SITE: Final = "coalesce(i.site, 'unknown')"
#: nodes that run nothing of their own: a sub-workflow's jobs are tries themselves
REAL: Final = "j.node_type NOT IN ('service', 'subdag')"
#: when a try began to wait for a machine, in SQL
QUEUED: Final = "coalesce(i.submit_ts, i.execute_ts)"
#: when nothing more was to come of a try, in SQL; NULL while it lasts
OVER: Final = "CASE WHEN i.outcome IS NOT NULL THEN i.state_ts END"
#: when a try left its machine, in SQL: what was held after it had begun had left it by then
LEFT: Final = (
    "CASE WHEN i.hold_count > 0 THEN min(coalesce(i.end_ts, 9e18), coalesce((SELECT min(d.held_ts) FROM hold d "
    "WHERE d.job_instance_id = i.job_instance_id AND d.held_ts >= i.execute_ts), 9e18)) ELSE i.end_ts END"
)


def attempts_of(text: str) -> Attempts:
    """``all``, ``last``, ``failed`` or a number from 1. Raises UsageError."""
    for word in _WORDS:
        if text == word:
            return word
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise UsageError("Tries are all, last, failed, or the number of a try, from 1.")


def chosen(attempts: Attempts) -> str:
    """The condition of tries that are asked for, with `` AND `` before it; empty for all."""
    if attempts == "all":
        return ""
    if attempts == "last":
        return " AND i.job_instance_id = j.last_job_instance_id"
    if attempts == "failed":
        return " AND i.outcome = 'failed'"
    return f" AND {ATTEMPT} = {attempts:d}"


class Part(NamedTuple):
    """Some of the tries of a window: a FROM clause that has them as ``i``, and a condition."""

    tries: str
    when: str


TRIES: Final = "job_instance i"
#: of a part, the jobs of some workflows that run something themselves
OF_JOBS: Final = f"job j ON j.job_id = i.job_id WHERE j.wf_id IN ({{ids}}) AND {REAL}"
_SPAN: Final = re.sub(r"\b(end_ts|execute_ts)\b", r"i.\1", SPAN)


def ran_within(reader: Reader, window: Window) -> list[Part]:
    """What together is all that ran in the window, each part by an index."""
    start, end = window.start_ts, window.end_ts
    lasting = f"i.end_ts IS NULL AND i.execute_ts <= {end!r} AND (i.outcome IS NULL OR i.state_ts >= {start!r})"
    return [ended_within(reader, start, end), Part(TRIES, lasting)]


def ended_within(reader: Reader, start: float, end: float) -> Part:
    """The tries that have left their machine. Differences of times are a little off: by less than a second."""
    ended = f"i.end_ts >= {start!r}"
    if not reader.has_index("job_instance_span_idx"):
        since = start - _longest(reader) - 1.0
        return Part(TRIES, f"i.execute_ts BETWEEN {since!r} AND {end!r} AND {ended}")
    classes = [f"({n}, {start - bound - 1.0!r})" for n, bound in enumerate((*SPANS_S, start))]
    tries = f"(SELECT column1 AS class, column2 AS since FROM (VALUES {', '.join(classes)})) c CROSS JOIN {TRIES}"
    return Part(tries, f"{_SPAN} = c.class AND i.execute_ts BETWEEN c.since AND {end!r} AND {ended}")


def _longest(reader: Reader) -> float:
    row = reader.one(f"SELECT max(coalesce(local_duration, end_ts - execute_ts)) FROM {reader.stored('job_instance')}")
    return max(0.0, float(row[0] or 0.0)) if row else 0.0


def began_before(window: Window) -> Part:
    """What began on a machine before the window was over, in the order in which it is stored: for windows of so much of
    all time that reading by index would cost more."""
    return Part(TRIES, f"+i.execute_ts <= {window.end_ts!r}")


def never_ran_within(window: Window) -> Part:
    """Tries that were on no machine (yet) but wait, or ended, in the window."""
    begun = "coalesce(i.pre_start_ts, i.submit_ts, i.state_ts)"
    return Part(
        TRIES,
        f"i.execute_ts IS NULL AND {begun} <= {window.end_ts!r} AND "
        f"(i.outcome IS NULL OR i.state_ts >= {window.start_ts!r})",
    )
