"""What is wrong with a workflow: causes, and the jobs behind each of them, page by page, however many."""

from __future__ import annotations

import functools
import threading
import time
from collections import OrderedDict
from typing import Annotated, Final

import msgspec
from litestar import Response
from litestar.params import PathParameter, QueryParameter

from stampede.analysis.cause import Cause
from stampede.analysis.membership import membership
from stampede.analysis.triage import Triage, groups_of, told
from stampede.analysis.triage import triage as judge
from stampede.query.evidence import evidence, evidence_of_job
from stampede.query.members import Member, Place, Standing, standing
from stampede.query.members import members as ask_members
from stampede.query.stamps import stamp_of
from stampede.service.parameters import Asked, JobName, Uuid
from stampede.service.problems import ProblemError
from stampede.service.single import job_of
from stampede.service.view import View

CauseId = Annotated[str, PathParameter(description="`id` of a cause, as /triage tells it", max_length=64)]
Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="members of a page at most")]
After = Annotated[int | None, QueryParameter(ge=0, le=1_000_000_000, description="`next` of the page before")]

Node = Annotated[str | None, QueryParameter(description="only the member of this node", max_length=4096)]

#: workflows of which judgements are kept, and how many times older than it took to make them they may be while a run
#: goes on
_MOST_KEPT: Final = 4
_AGE: Final = 10.0


class MembersAnswer(msgspec.Struct, kw_only=True):
    """Members of a cause: those that failed for good first, those that went well in the end last. ``next`` asks for the
    members after these, None at the end; ``total`` is how many there are, ``states`` how many by state of the node
    (``unknown`` where no try is known)."""

    items: list[Member]
    next: int | None
    total: int
    states: dict[str, int]


class JobCauses(msgspec.Struct, kw_only=True):
    """Why a job failed or is held: those that stand before those that are over. Each has the ``id`` that it has in
    triage, but counts only this job; ``blocks`` is not counted."""

    causes: list[Cause]


class Judged:
    """A workflow that was judged: the answer, and who belongs to which cause."""

    def __init__(self, view: View) -> None:
        self.stamp = stamp_of(view.reader.url)
        began = time.monotonic()
        facts = evidence(view.reader, [view.workflow])
        groups = groups_of(facts)
        self.triage = told(groups, facts)
        self.members = membership(groups)
        self.standing: dict[str, Standing] = {}
        ended = time.monotonic()
        self._good_until = ended + _AGE * (ended - began)

    def is_good(self, stamp: bytes) -> bool:
        """Whether it may still be told, with this stamp of its database."""
        return self.stamp == stamp or time.monotonic() < self._good_until


class Remembered:
    """What was judged last: the pages of the members of a cause are of one judgement, the one that triage told."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, float | None], Judged] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, view: View, *, anew: bool = False) -> Judged:
        """The judgement of the workflow that is seen; ``anew``: as the database is now."""
        key = (view.reader.url, view.workflow.wf_uuid, view.at)
        with self._lock:
            kept = self._kept.get(key)
        stamp = stamp_of(view.reader.url)
        if kept is not None and (kept.stamp == stamp if anew else kept.is_good(stamp)):
            return kept
        made = Judged(view)
        with self._lock:
            self._kept[key] = made
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return made


_REMEMBERED: Final = Remembered()


async def triage(ask: Asked, uuid: Uuid) -> Response[Triage]:
    """What is wrong with a workflow and all below it: causes first, with what follows from them."""
    return await ask.workflow(uuid, _triage, costly=True, remembers=True)


def _triage(view: View) -> Triage:
    return _REMEMBERED.of(view, anew=True).triage


async def members(
    ask: Asked, uuid: Uuid, cause: CauseId, limit: Limit = 100, after: After = None, node: Node = None
) -> Response[MembersAnswer]:
    """The jobs behind a cause, all of them: the try that went wrong, how it ended and where, how the job stands now."""
    question = functools.partial(_members, cause, limit, after or 0, node)
    return await ask.workflow(uuid, question, costly=True, remembers=True)


def _members(cause: str, limit: int, after: int, node: str | None, view: View) -> MembersAnswer:
    judged = _REMEMBERED.of(view)
    places = judged.members.get(cause)
    if places is None:
        raise ProblemError(404, "no-cause", f"There is no cause {cause[:60]} (any more); see /triage.")
    found = _standing(judged, cause, places, view)
    wanted = found.places if node is None else [place for place in found.places if place.node == node]
    page = wanted[after : after + limit]
    behind = after + len(page)
    return MembersAnswer(
        items=ask_members(view.reader, page, view.workflows, view.paths),
        next=behind if behind < len(wanted) else None,
        total=len(places),
        states=found.states,
    )


def _standing(judged: Judged, cause: str, places: list[Place], view: View) -> Standing:
    """How the members stand; asked once for all pages."""
    found = judged.standing.get(cause)
    if found is None:
        found = judged.standing[cause] = standing(view.reader, places)
    return found


async def of_job(ask: Asked, uuid: Uuid, name: JobName) -> Response[JobCauses]:
    """Why a job failed or is held, from its own tries: at hand at once, however large the workflow is."""
    return await ask.workflow(uuid, functools.partial(_of_job, name))


def _of_job(name: str, view: View) -> JobCauses:
    job = job_of(name, view)
    found = judge(evidence_of_job(view.reader, view.workflow, job.wf_uuid, job.job)).causes
    return JobCauses(causes=[cause for cause in found if cause.nodes])
