"""One workflow that is followed: its plan, the new lines of DAGMan's log, and what else comes to light meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from stampede.events.base import Event
from stampede.files import real, told
from stampede.sources.base import Batch, Place, identity, story_of
from stampede.sources.follow.bookmarks import Bookmarks
from stampede.sources.follow.files import LiveFiles
from stampede.sources.follow.joblogs import LiveJobLogs
from stampede.sources.follow.liveplan import LivePlan
from stampede.sources.follow.outside import Outside
from stampede.sources.follow.quiet import QuietLog
from stampede.sources.follow.resumption import AskStanding, resume
from stampede.sources.follow.tail import Piece, Tail
from stampede.sources.identity import Workflow
from stampede.sources.run import Follow, Run

#: what other files tell is looked for so often, in seconds
_ASIDE_S = 1.0
#: less often, and so many times so, when the log has been quiet for so long
_IDLE_S, _IDLE = 30.0, 5.0
#: a run that ended is closed when its log has been quiet for so long, and the outside says nothing more either
_LINGER_S = 0.3
#: a log that was read before and is not there now is waited for so long
_GONE_S = 60.0


class LiveRun:
    """Follows one workflow. ``step`` gives what is new; ``due`` tells when to ask again although nothing changed.

    ``planned``: nobody has started it; a log that appears is that of a run with a name of its own.
    """

    def __init__(
        self, wf: Workflow, places: Mapping[str, Place], follow: Follow, standing: AskStanding | None = None,
        *, planned: bool = False,
    ) -> None:  # fmt: skip
        #: what other files tell is looked for so many times less often, being one of many runs
        self.rarely = 1.0
        self._is_planned = planned
        self.run = Run(wf, follow, LiveFiles)
        self.run.pack()
        self.tail = Tail(wf.dagman_out)
        self.due = 0.0
        self.more = True
        #: all was told that is to be told at the end
        self.ended = False
        #: something came to light that makes it begin anew: another one is to take its place
        self.outdated = False
        self._left = False
        log = self.run.log_source
        self._marks = Bookmarks(log, self.run.plan_source, wf.dag, places)
        self._plan = LivePlan(self.run, self._marks)
        live = f"{told(real(self.run.nodes_log))}#live"
        self._job_logs = LiveJobLogs(self.run.nodes_log, live, wf.uuid, self.run.clock, self._marks.of(live))
        self._quiet = QuietLog(wf, follow)
        self._outside = Outside()
        self._began = self._grown = time.monotonic()
        self._aside = 0.0
        self._closing: Iterator[Batch] | None = None
        self._struck = self._marks.strikes()
        self._resumed = resume(self.run, self.tail, self._marks, standing)
        #: what is known is gone through without a word
        self.files.silent = self._resumed.known.mark > 0
        self.files.owed_since = self._marks.owing

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

    @property
    def planning(self) -> bool:
        """Whether some of its plan has still to be told: until then all submit files are kept."""
        return not self._plan.told and self._closing is None

    # ---- a step -----------------------------------------------------------------------------------------------------

    def step(self, now: float) -> list[Batch]:
        """What is new, a bounded part of it; ``more`` says whether there is more already."""
        self.more = True
        if self._struck:
            struck, self._struck = self._struck, []
            return struck
        if self._closing is not None:
            return self._close_on()
        if not self._plan.told:
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
        return self._unheard(now) if self.files.silent else self._between(now)

    def _until(self) -> tuple[int, int] | None:
        """How far lines are read at once: what is known ends with a piece, and what is owed begins with one."""
        if not self.files.silent:
            return None
        owed, known = self.files.owed_since, self._resumed.known
        between = owed is not None and self.tail.offset < owed < known.mark
        return known.inode, owed if between and owed is not None else known.mark

    def _plan_on(self) -> list[Batch]:
        """The next part of what was known before the run; after it, tries that are under way may be remembered."""
        out = self._plan.news()
        if self._plan.told:
            self.run.planned()
            if self._resumed.standing is not None:
                self.run.go_on(self._resumed.standing)
                self._resumed.standing = None
            out += self._marks.note_lacking(bool(self.files.lacking))
        return out

    def _take(self, piece: Piece) -> list[Batch]:
        """Lines of DAGMan's log."""
        files = self.files
        files.at = piece.offset
        events = self.run.feed(piece.data, piece.offset, piece.size) if piece.data and not self._quiet.speaks else []
        events = self._plan.without_guesses(events)
        self.more = piece.more
        if files.silent:
            known = self._resumed.known
            if self.tail.story == known.inode and self.tail.offset >= known.mark:
                return self._awake()
            self.more = True
            return self._again()
        out = self._marks.note_owing(files.owing)
        out.append(self._batch(events, piece.offset))
        return out + self._marks.note_torn(self.tail)

    def _unheard(self, now: float) -> list[Batch]:
        """What is known cannot be gone through: its log is gone, or is another one."""
        known = self._resumed.known
        if self.tail.story == known.inode and identity(self.tail.path)[1] >= known.mark:
            return self._awake()  # what is known does not end with a line
        if self.tail.story and not self.tail.obstacle:
            self.outdated = True
        elif now - self._began > _GONE_S:
            return self._awake()
        self.due = now + _ASIDE_S
        return []

    def _awake(self) -> list[Batch]:
        """All that is known has been gone through: from here on everything is told."""
        files = self.files
        files.silent = False
        files.owed_since = None
        files.problems()
        self.more = True
        return self._again() + self._marks.note_owing(files.owing)

    def _again(self) -> list[Batch]:
        """What may have been owed, and is told again."""
        again, self.files.again = self.files.again, []
        return self._marks.note_owing(self._marks.owing, again)

    def _batch(self, events: list[Event], start: int) -> Batch:
        return Batch(events, self._marks.log, start, self.tail.offset, self.tail.story, self.tail.size)

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
        if self.files.due > now:
            return self._marks.note_owing(self.files.owing)
        events = self.files.overdue(now)
        return self._marks.note_owing(self.files.owing, events) + self._declared_late()

    def _declared_late(self) -> list[Batch]:
        """Jobs whose submit files have come."""
        late = self.files.lacking.late()
        events = self.run.declared(late) if late else []
        return ([self._batch(events, self.tail.offset)] if events else []) + self._marks.note_lacking(
            bool(self.files.lacking)
        )

    def aside(self, now: float) -> list[Batch]:
        """What other files tell, when it is time to look, also while the log goes on."""
        if now < self._aside or not self._plan.told or self.files.silent or self._closing is not None:
            return []
        idle = now - self._grown >= _IDLE_S
        self._aside = now + _ASIDE_S * (max(_IDLE, 2 * self.rarely) if idle else self.rarely)
        return self._look_aside(now)

    def _look_aside(self, now: float) -> list[Batch]:
        if self.ended:
            return []
        self.outdated |= self._plan.has_come()
        out = self._overdue(now)
        out += self._if_quiet(now)
        run = self.run
        news = self._job_logs.news(run.lines.ts, run.tracker.by_job)
        out += [news] if news is not None else []
        events = self._job_logs.own_news(self.files, run.lines.ts, run.tracker.by_job)
        events += self._outside.news(run, now, now - self._grown, over=self.over)
        if events:
            out.append(self._batch(events, self.tail.offset))
        return out

    def _if_quiet(self, now: float) -> list[Batch]:
        """All that nodes.log says, when DAGMan itself says nothing of its jobs: read anew whenever it has grown."""
        if self.run.tracker.ledger.seq and not self._quiet.speaks:
            return []
        found = self._quiet.news(self.run, now)
        if found is None:
            return []
        self.run.close()
        self.run, batch = found
        self._grown = now
        return [batch]

    # ---- the end ----------------------------------------------------------------------------------------------------

    def _close_when_quiet(self, now: float) -> list[Batch]:
        if self.ended or now - self._grown < _LINGER_S or self.files.expects(now):
            return []
        if self.tail.obstacle and now - self._grown < _GONE_S:
            return []  # what else there is to read is away with it
        if self._plan.is_coming():
            return []
        if self._plan.has_come():
            self.outdated = True
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
        events = self.files.at_last()
        yield from self._declared_late()
        yield from self._marks.note_owing(self.files.owing, [*events, *self._plan.at_last(self.run)])
        yield from self._marks.note_lacking(False)
        if not self._quiet.speaks:
            offset = self.tail.offset
            events = self.run.finish()
            yield Batch(events, self._marks.log, offset, offset + 1, self.tail.story, self.tail.size, final=True)
        yield from self.run.after()
        if self._job_logs.begun or self._marks.of(self._job_logs.source) is not None:
            yield Batch([], self._job_logs.source, 0, -1)  # what was told early was told again
        # taken away while its last words were read
        self.outdated = self.tail.story != 0 and story_of(self.tail.path) == 0 and not self.tail.obstacle
