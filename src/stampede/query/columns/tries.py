"""Which tries a picture of time is made of, and how they are found.

What ran in a window is found by index: it began in it, or before it by no more than the longest try of the database
took. What lasts has no end yet and is found by that.
"""

from __future__ import annotations

from typing import Final, Literal

from stampede.errors import UsageError
from stampede.query.collections.parts import ATTEMPT
from stampede.query.pictures.window import Window
from stampede.store.sqlite import Reader

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


def ran_within(reader: Reader, window: Window) -> list[str]:
    """Conditions that together find what ran in the window, each by an index."""
    row = reader.one(f"SELECT max(coalesce(local_duration, end_ts - execute_ts)) FROM {reader.stored('job_instance')}")
    longest = max(0.0, float(row[0] or 0.0)) if row else 0.0
    start, end = window.start_ts, window.end_ts
    return [
        f"i.execute_ts BETWEEN {start - longest - 1.0!r} AND {end!r} AND i.end_ts >= {start!r}",
        f"i.end_ts IS NULL AND i.execute_ts <= {end!r} AND (i.outcome IS NULL OR i.state_ts >= {start!r})",
    ]


def never_ran_within(window: Window) -> str:
    """The condition of tries that were on no machine (yet) but wait, or ended, in the window."""
    begun = "coalesce(i.pre_start_ts, i.submit_ts, i.state_ts)"
    return (
        f"i.execute_ts IS NULL AND {begun} <= {window.end_ts!r} AND "
        f"(i.outcome IS NULL OR i.state_ts >= {window.start_ts!r})"
    )
