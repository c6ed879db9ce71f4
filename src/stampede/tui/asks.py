"""What the screens of one workflow and of one job ask; each question opens the database and closes it again."""

from __future__ import annotations

import os
from collections.abc import Sequence

import msgspec

from stampede.analysis.triage import Cause, Triage, triage
from stampede.errors import UnknownWorkflowError
from stampede.query import Reader, open_database
from stampede.query.evidence import evidence
from stampede.query.job import Job, find_job
from stampede.query.overview import Glance, Kind, Sort, Wanted, count_jobs, overview
from stampede.query.workflows import Workflow, find, forest, paths
from stampede.tui.pages import Found, read_pages
from stampede.tui.tree import Branch, grow


class Place(msgspec.Struct, frozen=True):
    """A workflow of a database, by its uuid."""

    url: str
    uuid: str


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs somebody wants to see. ``text`` is part of a name; what stands before a ``/`` in it is part of the
    names of the sub-workflows."""

    kind: Kind = "all"
    sort: Sort = "name"
    text: str = ""
    below: bool = True


class WorkflowReading(msgspec.Struct, kw_only=True):
    """A workflow with all below it, the pages of jobs that were asked for, and how many jobs fail.

    ``prefixes`` names the sub-workflows by their keys (``inner/``).
    """

    branch: Branch
    prefixes: dict[int, str]
    choice: Choice
    found: Found
    failing: int


class JobReading(msgspec.Struct, kw_only=True):
    """A job, and which files of its tries are there."""

    job: Job
    there: frozenset[str]


class Causes(msgspec.Struct):
    """What is wrong, and the cause for each node by its path."""

    triage: Triage
    by_node: dict[str, Cause]


def read_workflow(place: Place, choice: Choice, numbers: Sequence[int]) -> WorkflowReading:
    """The workflow now, with the pages of those numbers. Raises UnknownWorkflowError when it is there no more."""
    with open_database(place.url) as reader, reader.snapshot():
        root = _workflow(reader, place)
        glances = overview(reader, [root.wf_id])
        prefixes = paths(forest(reader, root)) if len(glances) > 1 else {root.wf_id: ""}
        everything = tuple(s.wf_id for s in glances)
        wanted = _wanted(choice, root, glances, prefixes)
        return WorkflowReading(
            branch=grow(glances, {})[0], prefixes=prefixes, choice=choice,
            found=read_pages(reader, wanted, numbers, {}),
            failing=count_jobs(reader, Wanted(workflows=everything, kind="failing")),
        )  # fmt: skip


def _wanted(choice: Choice, root: Workflow, glances: list[Glance], prefixes: dict[int, str]) -> Wanted:
    inner, _, text = choice.text.strip().rpartition("/")
    ids = [s.wf_id for s in glances] if choice.below else [root.wf_id]
    if inner:
        ids = [i for i in ids if inner.lower() in prefixes[i].lower()]
    return Wanted(workflows=tuple(ids), kind=choice.kind, text=text, sort=choice.sort)


def more_pages(place: Place, wanted: Wanted, numbers: Sequence[int], known: Found) -> Found:
    """More pages of a list that is known in part."""
    with open_database(place.url) as reader, reader.snapshot():
        return read_pages(reader, wanted, numbers, known.pages)


def read_causes(place: Place) -> Causes:
    """What is wrong with the workflow and all below it."""
    with open_database(place.url) as reader, reader.snapshot():
        found = triage(evidence(reader, [_workflow(reader, place)]))
    by_node: dict[str, Cause] = {}
    for cause in found.causes:
        for node in cause.nodes:
            by_node.setdefault(node, cause)
            if "/" in node:
                by_node.setdefault(node.rpartition("/")[0], cause)  # the task of a clustered job stands behind it
    return Causes(found, by_node)


def read_job(place: Place, job: str) -> JobReading:
    """A job of that workflow with all its tries."""
    with open_database(place.url) as reader, reader.snapshot():
        found = find_job(reader, [_workflow(reader, place)], job)
    files = {file for one in found.tries for file in one.files.values()}
    return JobReading(job=found, there=frozenset(f for f in files if os.path.isfile(f)))


def _workflow(reader: Reader, place: Place) -> Workflow:
    found = find(reader, place.uuid)
    if not found or found[0].wf_uuid != place.uuid:
        raise UnknownWorkflowError(f"The workflow {place.uuid[:8]} is not in {place.url} any more.")
    return found[0]
