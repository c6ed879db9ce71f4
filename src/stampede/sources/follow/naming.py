"""When it is known who a workflow is that has only just begun."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from pathlib import Path

from stampede.files import open_regular, present, real, told
from stampede.sources.base import Place
from stampede.sources.identity import Workflow, identify
from stampede.sources.static import planners_events

#: DAGMan has said who it is: the banner of its log has its process id, and something follows
_BANNER = re.compile(rb"^\S+ \S+ \*\* PID = \d+[^\n]*\n", re.M)
#: a log without such a banner is taken as it is when it has so many lines, or has not grown for so many seconds
_LINES, _STILL_S = 400, 3.0
#: the last of the lines that say who and where a workflow is
_LAST_NAME = b"Default node log file is: <"
#: how the first line of DAGMan's banner goes, and how long its other lines may take at most
_STARS, _BANNER_S = b"*****", 600.0
#: stands in the first lines of the DAG files that Pegasus writes
_PEGASUS = b"PEGASUS WMS GENERATED DAG FILE"
#: times further from ours than this many seconds say nothing of how long ago something was
_NEAR_S = 12 * 3600.0
#: a DAG file that was not written to for so many seconds is complete
_WRITTEN_S = 1.0
#: a DAG that is not there when its log appears is waited for so long
_DAG_S = 10.0
#: what Pegasus' planner writes beside it is there after so many
_PLANNED_S = 10.0


class Stillness:
    """For how long files have not changed: by their times as long as these are near ours, else by our own watching. A
    file server may have a clock of its own, and ours may jump."""

    def __init__(self) -> None:
        self._looks: dict[Path, tuple[tuple[int, int], float]] = {}

    def seconds(self, path: Path) -> float:
        """How long the file has been as it is, as far as we know; 0 when it is not there."""
        try:
            found = os.stat(path)
        except (OSError, ValueError):
            return 0.0
        look, now = (found.st_size, found.st_mtime_ns), time.monotonic()
        known = self._looks.get(path)
        if known is None or known[0] != look:
            known = self._looks[path] = look, now
        age = time.time() - found.st_mtime
        return max(now - known[1], age if 0 < age < _NEAR_S else 0.0)


class Names:
    """Whose logs are whose, as far as it is known; ``places`` are what the database has read."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self.still = Stillness()
        self._places = places
        #: logs of which something is not there, and since when
        self._met: dict[Path, float] = {}

    def of(self, log: Path) -> Workflow | None:
        """The workflow of a log, if it is known yet."""
        wf = self._rest_of_known(log)
        if wf is not None:
            return wf
        wf = known_as(log, self.still)
        if wf is not None and (not present(wf.dag) or lacks_braindump(wf)) and not self._waited_for(wf):
            return None
        return wf

    def _rest_of_known(self, log: Path) -> Workflow | None:
        """The workflow of the rest of a log that was torn: the one that was known of that DAG before."""
        if not is_rest(log):
            return None
        wf = identify(log)
        plans = f"{told(real(wf.dag))}#static "
        before = [source.removeprefix(plans) for source in self._places if source.startswith(plans)]
        if wf.is_pegasus or len(before) != 1:
            return None
        wf.uuid = before[0]
        return wf

    def _waited_for(self, wf: Workflow) -> bool:
        """Whether what belongs to a log that has only begun was given time to appear (on a network file system)."""
        now = time.monotonic()
        met = self._met.setdefault(wf.dagman_out, now)
        return now - met > _DAG_S or self.still.seconds(wf.dagman_out) > _DAG_S

    def is_planned(self, log: Path) -> bool:
        """Whether nobody has started the workflow of a log that is not there, and all that was planned is there."""
        return told(real(log)) not in self._places and is_planned(log, self.still)


def known_as(log: Path, still: Stillness | None = None) -> Workflow | None:
    """The workflow of a dagman.out; None as long as what names it may still be coming."""
    if not present(log):
        return None
    named = _has_banner(log, still or Stillness())  # before it is read for its name: it grows
    wf = identify(log)
    return wf if wf.is_pegasus or named else None


def lacks_braindump(wf: Workflow) -> bool:
    """Whether Pegasus planned a workflow whose braindump, which has its name, is not to be seen."""
    if wf.is_pegasus:
        return False
    try:
        with open_regular(wf.dag) as file:
            return _PEGASUS in file.read(1 << 10)
    except OSError:
        return False


def is_rest(log: Path) -> bool:
    """Whether the log does not begin with the start of a DAGMan: it is the rest of one that was cut or rotated."""
    try:
        with open_regular(log) as file:
            head = file.read(4 << 10)
    except OSError:
        return False
    return b"\n" in head and _STARS not in head[: head.find(b"\n")] and b"STARTING UP" not in head


def is_planned(log: Path, still: Stillness | None = None) -> bool:
    """Whether the DAG of a dagman.out that is not there yet lies complete beside it, with what belongs to it."""
    dag = log.with_name(log.name.removesuffix(".dagman.out"))
    seconds = (still or Stillness()).seconds(dag)
    wf = identify(log)
    whole = present(planners_events(wf)) if wf.is_pegasus else not lacks_braindump(wf)
    return seconds > (_WRITTEN_S if whole else _PLANNED_S)


def _has_banner(log: Path, still: Stillness) -> bool:
    try:
        with open_regular(log) as file:
            head = file.read(64 << 10)
    except OSError:
        return False
    if (_BANNER.search(head) and _LAST_NAME in head) or head.count(b"\n") >= _LINES:
        return True
    # one that begins like a banner is waited for: it will say who it is
    patience = _STILL_S if _STARS not in head[: head.find(b"\n") + 1] else _BANNER_S
    return b"\n" in head and still.seconds(log) > patience
