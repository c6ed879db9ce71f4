"""One path that is followed into a database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from stampede.errors import BusyError, DatabaseError, FencedError, UsageError
from stampede.files import told
from stampede.sources.base import Batch, Place
from stampede.sources.follow import Forest, Progress, Wake
from stampede.sources.identity import Workflow
from stampede.sources.roots import owned_names
from stampede.store.lease import Leases, myself
from stampede.store.loader import Position
from stampede.watching.databases import Database
from stampede.watching.online import OnlineJudge

#: seconds until a database that refused is tried again: from … to …
_RETRY_S = (0.1, 5.0)
#: another owner is looked at so often
_BUSY_S = 0.5

#: so often a defect is taken for the bad luck of a moment
_DEFECTS = 3
#: one that comes again and again is tried once more after so many seconds
_HOPELESS_S = 60.0
#: a path where nothing is yet is looked at so often
_AWAIT_S = 0.5

State = Literal["waiting", "following", "busy", "stuck", "ended"]
#: the database of a path, once it is known what lies there
FindDatabase = Callable[[Path], Database | None]


class Followed:
    """A submit directory (or DAG, or log), what is read of it, and where that is written.

    ``state``: ``waiting``, as long as there is no workflow; ``following``; ``busy``, while another process follows the
    same path into the same database (``trouble`` says which; when it ends, we take over); ``stuck``, while the database
    refuses (``trouble`` says why; nothing is lost, reading waits); ``ended``, when all that began has ended.
    """

    def __init__(self, path: Path, find_database: FindDatabase, wake: Wake) -> None:
        self.path = path
        self.state: State = "waiting"
        self.trouble: str | None = None
        #: when there is something to do although nothing changed (monotonic seconds)
        self.due = 0.0
        self.more = True
        self.events = 0
        self._find_database = find_database
        self._database: Database | None = None
        self._wake = wake
        self._forest: Forest | None = None
        self._leases: Leases | None = None
        self._unwritten: list[Batch] = []
        self._judge = OnlineJudge("")
        self._generation = 0
        self._retry = _RETRY_S[0]
        self._defects = 0
        self._workflows: list[Workflow] = []

    # ---- what others want to know -----------------------------------------------------------------------------------

    @property
    def url(self) -> str | None:
        """The database; None as long as it is not known."""
        return self._database.url if self._database is not None else None

    @property
    def workflows(self) -> list[Workflow]:
        """The root workflows that were found."""
        return self._forest.roots if self._forest is not None else self._workflows

    @property
    def progress(self) -> Progress:
        """How far the reading is."""
        return self._forest.progress() if self._forest is not None else Progress()

    # ---- a turn -----------------------------------------------------------------------------------------------------

    def notice(self, path: Path) -> bool:
        """Something happened to a path; whether it is one of ours."""
        if self._forest is None or not self._forest.owns(path):
            return False
        self._forest.notice(path)
        self.more = True
        if self.state == "ended":
            self.state = "following"
        return True

    def turn(self, now: float) -> int:
        """Read what is new and write it; the number of events. Nothing that the database does is raised."""
        try:
            written = self._turn(now)
        except FencedError as e:
            self._leave("busy", str(e), now + _BUSY_S)
        except BusyError as e:
            self._leave("busy", str(e), now + _BUSY_S)
        except DatabaseError as e:
            self._stuck(str(e), now)
        except UsageError:
            raise
        except Exception as e:  # what cannot be foreseen must not end the watch of all the others
            self._defect(e, now)
        else:
            self.events += written
            if written:
                self._defects = 0
            return written
        return 0

    def _defect(self, error: Exception, now: float) -> None:
        """Begin anew from what is stored; a defect that comes again and again is raised, and the path left alone."""
        self._defects += 1
        why = f"This is a defect of Stampede, which begins anew here: {type(error).__name__}: {error}"
        again = self._defects > _DEFECTS
        self._leave("stuck", why, now + (_HOPELESS_S if again else self._defects))
        if again:
            raise error

    def _turn(self, now: float) -> int:
        database = self._database = self._database or self._find_database(self.path)
        if database is None:
            self.more, self.due = False, now + _AWAIT_S
            return 0
        database.check(now)
        loader = database.loader
        if self._generation != database.generation:
            self._forget()
            self._generation = database.generation
        leases = self._leases
        if leases is None:
            leases = self._leases = Leases(
                loader.connection, owned_names(self.path), myself(f"watch {told(self.path)}")
            )
        if not leases.held:
            leases.take()
            self._close_forest()  # others may have written meanwhile
        if self._forest is None:
            places = {s: Place(p.offset, p.inode, p.size, p.complete) for s, p in loader.positions().items()}
            self._forest = Forest(self.path, places, self._wake, loader.standing)
            self._judge = OnlineJudge(database.url)
        forest = self._forest
        batches = self._unwritten or forest.step(now)
        if batches:
            self._unwritten = batches
            written = loader.apply_all([(b.events, _position(b)) for b in batches], guard=leases.guard)
            self._unwritten = []
            forest.stored(batches)
            for batch in batches:
                self._judge.note(batch.events, now)
        else:
            leases.beat()
            written = 0
        self._tell_anomalies(forest, now)
        self._well(forest)
        return written

    def _tell_anomalies(self, forest: Forest, now: float) -> None:
        """Write what the detector has to say; when all has ended, what stands in the end."""
        assert self._database is not None
        assert self._leases is not None
        events = self._judge.end([w.uuid for w in forest.roots]) if forest.ended else self._judge.turn(now)
        if events:
            self._database.loader.apply_all([(events, None)], guard=self._leases.guard)

    def _well(self, forest: Forest) -> None:
        self.trouble = None
        self._retry = _RETRY_S[0]
        self.more = forest.more
        self.due = min(forest.due, self._judge.due)
        self.state = "ended" if forest.ended else "following" if forest.begun else "waiting"
        if self.state == "ended" and self._leases is not None:
            self._leases.release()  # whoever wants to may read it now

    def _stuck(self, why: str, now: float) -> None:
        """The database refuses: the batch is kept, and tried again later."""
        self.state, self.trouble = "stuck", why
        self.more = False
        self.due = now + self._retry
        self._retry = min(self._retry * 2, _RETRY_S[1])

    def _leave(self, state: State, why: str, due: float) -> None:
        """Let go of what is known of the path: another process reads it, or it is no good."""
        self._close_forest()
        if self._leases is not None and self._leases.held:
            self._leases.lose()
            assert self._database is not None
            self._database.drop()  # what it remembers is no longer true
        self.state, self.trouble, self.due, self.more = state, why, due, False

    def _forget(self) -> None:
        """The database is another one: everything is read from where it stands."""
        self._close_forest()
        self._leases = None

    def _close_forest(self) -> None:
        if self._forest is not None:
            self._workflows = self._forest.roots
            self._forest.close()
            self._forest = None
        self._unwritten = []

    def close(self) -> None:
        """Give the path back, for others to follow it."""
        if self._leases is not None:
            self._leases.release()
        if self._forest is not None:
            self._forest.close()


def _position(batch: Batch) -> Position:
    return Position(batch.source, batch.end, batch.inode, batch.size, batch.final)
