"""One workflow and all below it, now or as it stood at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from stampede.api.database import Readable
from stampede.api.listing import Listing, Opener
from stampede.errors import UnknownWorkflowError
from stampede.query import Reader
from stampede.query.collections import COLLECTIONS, Scope, of_forest, of_workflow
from stampede.query.past import as_it_stood
from stampede.query.registry import shown
from stampede.query.workflows import Workflow as Facts
from stampede.query.workflows import forest, of_uuid, paths

if TYPE_CHECKING:
    from stampede.analysis.compare.compare import Comparison
    from stampede.analysis.forecast import Forecast
    from stampede.analysis.progress.progress import Progress
    from stampede.analysis.statistics.report import Statistics
    from stampede.analysis.triage import Triage
    from stampede.query.collections.data import FileItem, TaskFileItem, TransferItem
    from stampede.query.collections.jobs import EdgeItem, JobItem, TaskItem
    from stampede.query.collections.notices import AnomalyItem, EventItem, ProblemItem
    from stampede.query.collections.tries import HostItem, InvocationItem, JobstateItem, TryItem
    from stampede.query.collections.workflows import WorkflowItem
    from stampede.query.job import Job
    from stampede.query.lineage import Trace
    from stampede.query.status import WorkflowStatus

Text = str | Sequence[str] | None


class Workflow:
    """A workflow of a database. Nothing is kept: each question is answered from the database as it is then.

    ``as_of`` (epoch seconds) makes all answers those of that time. Lists hold what belongs to the workflow and to all
    below it; with ``below=False`` only its own. All take ``filter`` (:mod:`stampede.query.filters`), ``sort``
    (``-duration_s,name``), ``fields`` and ``search``; docs/reference/collections.md has their columns.

    Every question raises DatabaseError when the database cannot answer, and UnknownWorkflowError when the workflow is
    not there any more, or had not begun.
    """

    def __init__(self, database: Readable, wf_uuid: str, *, as_of: float | None = None) -> None:
        self.database = database
        self.wf_uuid = wf_uuid
        self.as_of = as_of

    def __repr__(self) -> str:
        return f"<workflow {self.wf_uuid}{'' if self.as_of is None else f' as of {self.as_of}'}>"

    def at(self, as_of: float | None) -> Workflow:
        """The same workflow as it stood at a time (epoch seconds; None: now)."""
        return Workflow(self.database, self.wf_uuid, as_of=as_of)

    @contextmanager
    def asking(self) -> Iterator[tuple[Reader, Facts]]:
        """A reader and the workflow's facts; all that is asked inside comes from one state, that of ``as_of``."""
        with self.database.reader(again=self.as_of is None) as reader:
            found = of_uuid(reader, self.wf_uuid)
            if found is None:
                raise UnknownWorkflowError(f"There is no workflow {self.wf_uuid[:60]} in {shown(self.database.url)}.")
            with as_it_stood(reader, [found], self.as_of) as then:
                if not then:
                    raise UnknownWorkflowError(f"The workflow {self.wf_uuid} had not begun by then.")
                yield reader, then[0]

    # ---- what it is, and what it means -------------------------------------------------------------------------------

    def facts(self) -> Facts:
        """Who and where it is, how it stands, its counts."""
        with self.asking() as (_, facts):
            return facts

    def status(self) -> list[WorkflowStatus]:
        """How far it is, then all below it."""
        from stampede.query.status import status

        with self.asking() as (reader, facts):
            return status(reader, facts)

    def triage(self) -> Triage:
        """What is wrong, causes first; what can never run now; what to do next."""
        from stampede.analysis.triage import triage
        from stampede.query.evidence import evidence

        with self.asking() as (reader, facts):
            return triage(evidence(reader, [facts]))

    def statistics(self, *, by: Literal["day", "hour"] = "day") -> Statistics:
        """What it adds up to with all below it: outcomes, time, retries, efficiency (days and hours: UTC)."""
        from stampede.api.sums import statistics_of

        with self.asking() as (reader, facts):
            return statistics_of(reader, facts, by=by)

    def progress(self) -> Progress | None:
        """How far it is in time, when it ends, what limits it; None when it does not run."""
        from stampede.progressing import progress_of

        with self.asking() as (reader, facts):
            return progress_of(reader, facts, self.as_of)

    def forecast(self) -> Forecast:
        """How probable it is that it fails, why, and which jobs are in danger; learned from earlier runs of its label.

        The first time, reading those may take seconds.
        """
        import time

        from stampede.forecasting import forecast_of

        with self.asking() as (reader, facts):
            now = time.time() if self.as_of is None else self.as_of
            return forecast_of(reader, forest(reader, facts), now)

    def compare(self, other: Workflow | None = None, *, runs: int = 5) -> Comparison:
        """What differs beyond noise between this run and another (older) one; without one, between this run and the
        latest ``runs`` of its label that ended well.

        Raises UnknownWorkflowError when no such run is known.
        """
        from stampede.analysis.compare.compare import compare
        from stampede.comparing import past_of
        from stampede.query.run_facts import facts_of

        if other is not None:
            with other.asking() as (reader, root):
                past = [facts_of(reader, root)]
        else:
            with self.asking() as (_, root):
                past = past_of(root, self.database.url, runs)
        with self.asking() as (reader, root):
            if not past:
                raise UnknownWorkflowError(
                    f"No earlier run of {root.label or root.wf_uuid[:8]} that ended well is known."
                )
            return compare(past, facts_of(reader, root))

    def trace(
        self, name: str, *, kind: Literal["job", "task", "file"] | None = None, up: bool = True, down: bool = True,
        depth: int | None = None,
    ) -> Trace:  # fmt: skip
        """What made a file, task or job (``up``), and what came of it (``down``), at most ``depth`` jobs far.

        Raises UsageError for a name that is not known, or that several have.
        """
        from stampede.query.lineage import find_subject, trace

        with self.asking() as (reader, facts):
            workflows = forest(reader, facts)
            prefixes = paths(workflows)
            subject = find_subject(reader, workflows, prefixes, name, kind)
            return trace(reader, workflows, prefixes, subject, up=up, down=down, depth=depth)

    def job(self, name: str) -> Job:
        """A job with its neighbours, tasks and tries: by its name, ``inner/name``, or an HTCondor id (``83.0``).

        Raises UsageError when there is none, or several.
        """
        from stampede.query.job import find_job

        with self.asking() as (reader, facts):
            return find_job(reader, [facts], name)

    def output(self, job: str, attempt: int = -1, stream: Literal["stdout", "stderr"] = "stdout") -> BinaryIO:
        """The output of a try, open for reading: the file that it wrote, else what the database has of it.

        ``attempt`` counts from 1; -1 is the last. Of a job that ran under kickstart, the file holds kickstart's record.
        Raises UsageError when there is no such job, try or output, or when the file lies outside of the submit
        directory.
        """
        from stampede.api.output import open_output

        with self.asking() as (reader, facts):
            return open_output(reader, facts, job, attempt, stream)

    # ---- lists -------------------------------------------------------------------------------------------------------

    def jobs(self, filter: Text = None, **asked: Any) -> Listing[JobItem]:  # noqa: A002
        """Jobs: the nodes of the executable workflow, and how their last tries stand."""
        return self.listing("jobs", filter, **asked)

    def tasks(self, filter: Text = None, **asked: Any) -> Listing[TaskItem]:  # noqa: A002
        """Tasks of the workflow description."""
        return self.listing("tasks", filter, **asked)

    def job_instances(self, filter: Text = None, **asked: Any) -> Listing[TryItem]:  # noqa: A002
        """Job instances: every try of every job."""
        return self.listing("job_instances", filter, **asked)

    def invocations(self, filter: Text = None, **asked: Any) -> Listing[InvocationItem]:  # noqa: A002
        """Invocations: the programs and scripts that tries ran."""
        return self.listing("invocations", filter, **asked)

    def hosts(self, filter: Text = None, **asked: Any) -> Listing[HostItem]:  # noqa: A002
        """Hosts on which jobs ran."""
        return self.listing("hosts", filter, **asked)

    def files(self, filter: Text = None, **asked: Any) -> Listing[FileItem]:  # noqa: A002
        """Files that tries read and wrote."""
        return self.listing("files", filter, **asked)

    def task_files(self, filter: Text = None, **asked: Any) -> Listing[TaskFileItem]:  # noqa: A002
        """Files that tasks read and write by the workflow description."""
        return self.listing("task_files", filter, **asked)

    def edges(self, filter: Text = None, **asked: Any) -> Listing[EdgeItem]:  # noqa: A002
        """Edges between jobs."""
        return self.listing("edges", filter, **asked)

    def task_edges(self, filter: Text = None, **asked: Any) -> Listing[EdgeItem]:  # noqa: A002
        """Edges between tasks."""
        return self.listing("task_edges", filter, **asked)

    def jobstates(self, filter: Text = None, **asked: Any) -> Listing[JobstateItem]:  # noqa: A002
        """The histories of tries."""
        return self.listing("jobstates", filter, **asked)

    def transfers(self, filter: Text = None, **asked: Any) -> Listing[TransferItem]:  # noqa: A002
        """Transfers that jobs made."""
        return self.listing("transfers", filter, **asked)

    def events(self, filter: Text = None, **asked: Any) -> Listing[EventItem]:  # noqa: A002
        """What its engine did and said."""
        return self.listing("events", filter, **asked)

    def problems(self, filter: Text = None, **asked: Any) -> Listing[ProblemItem]:  # noqa: A002
        """Problems met while it was read."""
        return self.listing("problems", filter, **asked)

    def anomalies(self, filter: Text = None, **asked: Any) -> Listing[AnomalyItem]:  # noqa: A002
        """What was not as it was in earlier runs, or among its like."""
        return self.listing("anomalies", filter, **asked)

    def workflows(self, filter: Text = None, **asked: Any) -> Listing[WorkflowItem]:  # noqa: A002
        """It and all workflows below it."""
        return self.listing("workflows", filter, **asked)

    def listing(
        self, name: str, filter: Text = None, *, sort: str | None = None, fields: Text = None,  # noqa: A002
        search: str | None = None, below: bool = True,
    ) -> Listing[Any]:  # fmt: skip
        """A list by the name of its collection. Raises UsageError for what cannot be asked."""
        return Listing(
            self._opener(below), COLLECTIONS[name], filter=filter, sort=sort, fields=fields, search=search,
            mark=f"{self.wf_uuid} {below} {self.as_of}",
        )  # fmt: skip

    def _opener(self, below: bool) -> Opener:
        @contextmanager
        def opened() -> Iterator[Sequence[tuple[Reader, Scope]]]:
            with self.asking() as (reader, facts):
                yield [(reader, of_forest(reader, facts) if below else of_workflow(facts))]

        return opened
