"""One workflow that is followed: its plan, the new lines of DAGMan's log, and what else comes to light meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping

from stampede.events.base import Event
from stampede.files import present, real, told
from stampede.model.standing import Standing
from stampede.sources.base import Batch, Place, identity, story_of
from stampede.sources.follow.files import LiveFiles
from stampede.sources.follow.joblog import LiveJobLog
from stampede.sources.follow.outside import Outside
from stampede.sources.follow.tail import Piece, Tail
from stampede.sources.identity import Workflow
from stampede.sources.run import Follow, Run
from stampede.sources.static import planners_events

#: what other files tell is looked for so often, in seconds
_ASIDE_S = 1.0
#: less often, and so many times so, when the log has been quiet for so long
_IDLE_S, _IDLE = 30.0, 5.0
#: a run that ended is closed when its log has been quiet for so long, and the outside says nothing more either
_LINGER_S = 0.3
#: a nodes.log that speaks for DAGMan is read anew so often, in seconds, and after so many times what that took
_QUIET_S, _QUIET_REST = 2.0, 20.0


_NOWHERE = Place(0)

#: how a workflow stands in the database, by its uuid
AskStanding = Callable[[str], Standing | None]


class LiveRun:
    """Follows one workflow. ``step`` gives what is new; ``due`` tells when to ask again although nothing changed."""

    def __init__(
        self, wf: Workflow, places: Mapping[str, Place], follow: Follow, standing: AskStanding | None = None,
        *, planned: bool = False,
    ) -> None:  # fmt: skip
        self._follow = follow
        #: what other files tell is looked for so many times less often, being one of many runs
        self.rarely = 1.0
        #: nobody has started it: a log that appears is that of a run with a name of its own
        self._is_planned = planned
        self.run = Run(wf, follow, LiveFiles)
        self.run.pack()
        self.tail = Tail(wf.dagman_out)
        self.due = 0.0
        self.more = True
        #: all was told that is to be told at the end
        self.ended = False
        self._left = False
        #: DAGMan was told to say little, and nodes.log speaks for it
        self._quiet = False
        self._quiet_look: tuple[int, ...] = ()
        self._quiet_due = 0.0
        self._places = places
        self._log = self.run.log_source
        self._plan: Generator[Batch] | None = self.run.static()
        self._known = places.get(self._log, _NOWHERE)
        self._standing: Standing | None = None
        self._owing = self._owed_place()
        self._job_log = LiveJobLog(self.run.nodes_log, wf.uuid, self.run.clock)
        self._torn = f"{self._log}#torn"
        self._live = f"{told(real(self.run.nodes_log))}#live"
        self._outside = Outside()
        self._grown = time.monotonic()
        self._aside = 0.0
        self._closing: Iterator[Batch] | None = None
        self._resume(standing)

    # ---- where an earlier reading ended -----------------------------------------------------------------------------

    def _owed_place(self) -> int | None:
        place = self._places.get(f"{self._log}#owed")
        return None if place is None else place.end

    def _resume(self, ask: AskStanding | None) -> None:
        """What is known is gone through without a word; where its beginning is gone, the database speaks for it."""
        files = self.files
        torn = self._torn_since(self._known, ask) if ask is not None and self._known.mark > 0 else None
        if torn is not None:
            self.tail.go_on(torn.end, torn.inode)
            self.tail.torn = 1
            self._known = _NOWHERE
        files.silent = self._known.mark > 0
        files.owed_since = self._owing
        job_log = self._places.get(self._live)
        if job_log is not None:
            self._job_log.go_on(job_log.end, job_log.inode)

    def _torn_since(self, known: Place, ask: AskStanding) -> Place | None:
        """Where to go on in a log whose beginning is not what was read; None when all of it is there."""
        size, found = identity(self.tail.path)[1], story_of(self.tail.path)
        if found in (known.inode, 0):
            if size >= known.mark and self._torn not in self._places:
                return None
            known = Place(min(known.mark, size), known.inode)
        self._standing = ask(self.workflow.uuid)
        # of another log, the rest of the one that was read comes first
        return Place(known.mark, known.inode) if self._standing is not None else None

    @property
    def files(self) -> LiveFiles:
        """What its jobs leave behind."""
        assert isinstance(self.run.files, LiveFiles)
        return self.run.files

    @property
    def workflow(self) -> Workflow:
        """Who it is."""
        return self.run.wf

    @property
    def unread(self) -> int:
        """Bytes of DAGMan's log that have not been read."""
        return max(identity(self.tail.path)[1] - self.tail.offset, 0)

    @property
    def over(self) -> bool:
        """Whether DAGMan has ended for good, by all that was read."""
        engine = self.run.tracker.engine
        return self._outside.lost or self._left or (not engine.running and engine.outcome not in (None, "running"))

    # ---- a step -----------------------------------------------------------------------------------------------------

    def step(self, now: float) -> list[Batch]:
        """What is new, a bounded part of it; ``more`` says whether there is more already."""
        self.more = True
        if self._closing is not None:
            return self._close_on()
        if self._plan is not None:
            return self._plan_on()
        piece = None
        if not self._is_planned:
            piece = self.tail.read(stop=self._until())
        if piece is not None:
            self._grown = now
            self.ended = self._outside.lost = False
            out = self._take(piece)
            if not self.more:
                self.due = self._next_due(now)
            return out
        self.more = False
        return self._awake() if self.files.silent else self._between(now)

    def _until(self) -> int | None:
        """How far lines are read at once: what is known ends with a piece, and what is owed begins with one."""
        if not self.files.silent:
            return None
        owed = self.files.owed_since
        return owed if owed is not None and self.tail.offset < owed < self._known.mark else self._known.mark

    def _plan_on(self) -> list[Batch]:
        """The next part of what was known before the run, unless the database has it."""
        assert self._plan is not None
        batch = next(self._plan, None)
        if batch is None:
            self._planned()
            return []
        known = self._places.get(batch.source)
        if known is not None and (known.inode, known.size) == (batch.inode, batch.size):
            if known.final and present(planners_events(self.workflow)):
                self._plan.close()  # nothing is learned from reading it once more
                self._planned()
            if batch.end <= known.end:
                return []
        return [batch]

    def _planned(self) -> None:
        """The plan was told; tries that are under way may be remembered now."""
        self._plan = None
        self.run.planned()
        if self._standing is not None:
            self.run.go_on(self._standing)
            self._standing = None

    def _take(self, piece: Piece) -> list[Batch]:
        """Lines of DAGMan's log."""
        files = self.files
        files.at = piece.offset
        events = self.run.feed(piece.data, piece.offset, piece.size) if piece.data and not self._quiet else []
        self.more = piece.more
        if files.silent:
            if self.tail.offset >= self._known.mark:
                return self._awake()
            self.more = True
            return self._again()
        out = self._note_owing()
        out.append(self._batch(events, piece.offset))
        if self.tail.torn and self._torn not in self._places:
            out.append(Batch([], self._torn, 0, self.tail.torn))
        return out

    def _awake(self) -> list[Batch]:
        """All that is known has been gone through: from here on everything is told."""
        files = self.files
        files.silent = False
        files.owed_since = None
        files.problems()
        self.more = True
        return self._again() + self._note_owing()

    def _again(self) -> list[Batch]:
        """What may have been owed, and is told again."""
        again, self.files.again = self.files.again, []
        return [Batch(again, f"{self._log}#owed", 0, -1 if self._owing is None else self._owing)] if again else []

    def _batch(self, events: list[Event], start: int) -> Batch:
        return Batch(events, self._log, start, self.tail.offset, self.tail.story, self.tail.size)

    def _note_owing(self, events: list[Event] | None = None) -> list[Batch]:
        """Where the first try ended that something is owed for, when that has changed."""
        owing = self.files.owing
        if owing == self._owing and not events:
            return []
        self._owing = owing
        return [Batch(events or [], f"{self._log}#owed", 0, -1 if owing is None else owing)]

    # ---- between the lines ------------------------------------------------------------------------------------------

    def _between(self, now: float) -> list[Batch]:
        """What is found while the log says nothing new."""
        out = self._overdue(now)
        out += self.aside(now)
        if self.over:
            out += self._close_when_quiet(now)
        self.due = self._next_due(now)
        return out

    def _next_due(self, now: float) -> float:
        return min(self.files.due, now + _LINGER_S / 3 if self.over else self._aside)

    def _overdue(self, now: float) -> list[Batch]:
        return self._note_owing(self.files.overdue(now) if self.files.due <= now else None)

    def aside(self, now: float) -> list[Batch]:
        """What other files tell, when it is time to look, also while the log goes on."""
        if now < self._aside or self._plan is not None or self.files.silent or self._closing is not None:
            return []
        idle = now - self._grown >= _IDLE_S
        self._aside = now + _ASIDE_S * (max(_IDLE, 2 * self.rarely) if idle else self.rarely)
        return self._look_aside(now)

    def _look_aside(self, now: float) -> list[Batch]:
        if self.ended:
            return []
        out = self._overdue(now)
        out += self._if_quiet(now)
        out += self._from_job_log()
        events = self._outside.news(self.run, now, now - self._grown, over=self.over)
        if events:
            out.append(self._batch(events, self.tail.offset))
        return out

    def _if_quiet(self, now: float) -> list[Batch]:
        """All that nodes.log says, when DAGMan itself says nothing of its jobs: read anew whenever it has grown."""
        if (self.run.tracker.ledger.seq and not self._quiet) or now < self._quiet_due:
            return []
        look = identity(self.run.nodes_log) + identity(self.tail.path)
        if look == self._quiet_look:
            return []
        self._quiet_look = look
        if not Run.may_be_quiet(self.workflow):
            return []
        fresh = Run(self.workflow, self._follow, LiveFiles)
        batch = fresh.quiet()
        took = time.monotonic() - now
        self._quiet_due = now + max(_QUIET_S, _QUIET_REST * took)
        if batch is None:
            fresh.close()
            return []
        fresh.pack()
        self.run.close()
        self.run, self._quiet, self._grown = fresh, True, now
        return [batch]

    def _from_job_log(self) -> list[Batch]:
        log = self._job_log
        before = log.offset
        events = log.news(self.run.lines.ts, self.run.tracker.by_job)
        if not events and log.offset == before:
            return []
        return [Batch(events, self._live, before, log.offset, log.story)]

    # ---- the end ----------------------------------------------------------------------------------------------------

    def _close_when_quiet(self, now: float) -> list[Batch]:
        if self.ended or now - self._grown < _LINGER_S or self.files.expects(now):
            return []
        return [] if self._outside.goes_on(self.run, now, self._grown) else self._close()

    def leave(self) -> None:
        """Take it for over: what ran it has ended."""
        self._left = True

    def _close(self) -> list[Batch]:
        """Tell all that is left to tell at the end of a run."""
        self._closing = self._last_batches()
        return self._close_on()

    def _close_on(self) -> list[Batch]:
        assert self._closing is not None
        batch = next(self._closing, None)
        if batch is None:
            self._closing = None
            self.ended = True
            self.more = False
            return []
        self.more = True
        return [batch]

    def _last_batches(self) -> Iterator[Batch]:
        at_last = self.files.at_last()
        yield from self._note_owing(at_last)
        if not self._quiet:
            offset = self.tail.offset
            events = self.run.finish()
            yield Batch(events, self._log, offset, offset + 1, self.tail.story, self.tail.size, final=True)
        yield from self.run.after()
        if self._job_log.offset or self._live in self._places:  # what was told early was told again
            yield Batch([], self._live, 0, -1)
