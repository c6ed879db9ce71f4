"""Lists of everything, by one engine: which rows, in which order, which columns, page by page.

::

    text of a caller ─► question.ask ─► pages.page, pages.iterate, pages.count
                            │                │
           filters, order, scope        cursor (where a page ended)

A ``Collection`` says what a list is of; they are declared in ``workflows``, ``jobs``, ``tries``, ``data`` and
``notices``.
"""

from __future__ import annotations

from typing import Final

from stampede.query.collections.column import Collection, Column
from stampede.query.collections.data import FILES, TASK_FILES, TRANSFERS
from stampede.query.collections.jobs import EDGES, JOBS, TASK_EDGES, TASKS
from stampede.query.collections.merge import merged_all, merged_count, merged_page
from stampede.query.collections.notices import ANOMALIES, EVENTS, PROBLEMS
from stampede.query.collections.pages import MOST, PAGE, Count, Page, count, iterate, page
from stampede.query.collections.question import Question, ask
from stampede.query.collections.scope import EVERYTHING, Scope, of_forest, of_user, of_workflow
from stampede.query.collections.tries import HOSTS, INVOCATIONS, JOBSTATES_OF_TRIES, TRIES
from stampede.query.collections.workflows import WORKFLOWS

#: every collection by name
COLLECTIONS: Final[dict[str, Collection]] = {
    c.name: c
    for c in (
        WORKFLOWS, JOBS, TASKS, TRIES, INVOCATIONS, HOSTS, FILES, TASK_FILES, EDGES, TASK_EDGES, JOBSTATES_OF_TRIES,
        TRANSFERS, PROBLEMS, ANOMALIES, EVENTS,
    )
}  # fmt: skip

__all__ = [
    "COLLECTIONS",
    "EVERYTHING",
    "MOST",
    "PAGE",
    "Collection",
    "Column",
    "Count",
    "Page",
    "Question",
    "Scope",
    "ask",
    "count",
    "iterate",
    "merged_all",
    "merged_count",
    "merged_page",
    "of_forest",
    "of_user",
    "of_workflow",
    "page",
]
