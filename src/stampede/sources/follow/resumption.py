"""Where a reading goes on that ended earlier, by what of DAGMan's log is still there."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from stampede.model.standing import Standing
from stampede.sources.base import Place, identity, story_of
from stampede.sources.follow.bookmarks import Bookmarks
from stampede.sources.follow.tail import Tail, old_of
from stampede.sources.identity import recorded_folder
from stampede.sources.run import Run

#: how a workflow stands in the database, by its uuid
AskStanding = Callable[[str], Standing | None]


class Resumption(msgspec.Struct):
    """``known`` is how far the log is to be gone through without a word; ``standing`` speaks for what is gone of it."""

    known: Place
    standing: Standing | None = None


def resume(run: Run, tail: Tail, marks: Bookmarks, ask: AskStanding | None) -> Resumption:
    """Put the tail where the reading begins.

    Mostly that is the first line of the log; of one that was rotated, the first line of the old one. Where that is
    gone, the reading goes on behind what was read, and the database says how things stand.
    """
    known = marks.known
    if not known.mark or not story_of(tail.path) or marks.is_whole(tail):
        return Resumption(known)
    if marks.begins_in_old(tail):
        torn = marks.torn
        tail.begin_in(known.inode if torn is None else torn.inode)
        run.lay_in(run.wf.recorded or recorded_folder(old_of(tail.path)))
        return Resumption(known)
    standing = ask(run.wf.uuid) if ask is not None else None
    if standing is not None:
        # of another log, the rest of the one that was read comes first
        same = marks.is_of(tail.path)
        tail.go_on(min(known.mark, identity(tail.path)[1]) if same else known.mark, known.inode)
        tail.torn = 1
    # a workflow that the database does not have is another one, which took the place of the one that was read
    return Resumption(Place(0), standing)
