"""The worst that is to be said of a workflow, in a sentence."""

from __future__ import annotations

from stampede.cli.text import count, duration
from stampede.query.overview import Glance
from stampede.query.status import WorkflowStatus
from stampede.tui.look import GREEN, ORANGE, PINK, RED, Piece

#: a running workflow of which nothing was heard for so long is called silent
SILENT_S = 600.0

#: states that nobody wished for, the worst first
BAD = ("lost", "failed", "removed")


def called(s: WorkflowStatus) -> str:
    """What a workflow is called: its label, else its DAG, else the start of its uuid."""
    return s.label or (s.dag or "").removesuffix(".dag") or s.wf_uuid[:8]


def is_trouble(s: Glance) -> bool:
    """Whether something is wrong with it that somebody should look at."""
    w = s.status
    return w.state in BAD or w.state == "halted" or w.halted or w.held > 0 or w.nodes.failed > 0


def severity(s: Glance) -> tuple[int, int]:
    """The greater, the worse."""
    w = s.status
    if w.state in BAD:
        return 6 - BAD.index(w.state), w.nodes.failed
    if w.halted or w.state == "halted":
        return 3, 0
    if w.held or w.nodes.failed:
        return 2, w.held + w.nodes.failed
    return (1, 0) if w.state == "running" else (0, 0)


def shown_state(s: Glance) -> str:
    """The state as the screen has it: a running workflow that starts no new jobs is halted."""
    return "halted" if s.status.halted else s.status.state


def silence(s: Glance, now: float) -> float | None:
    """For how many seconds nothing was heard of a running workflow; None while that is not remarkable."""
    if s.status.state != "running" or s.status.last_ts is None or now - s.status.last_ts < SILENT_S:
        return None
    return now - s.status.last_ts


def news(s: Glance, now: float) -> list[Piece]:
    """What is to be said, the worst first."""
    told = [*_of_state(s), *_of_jobs(s)]
    quiet = silence(s, now)
    if quiet is not None:
        told.append((f"nothing was recorded for {duration(quiet)}", ORANGE))
    if s.status.problems:
        told.append((f"{count(s.status.problems, 'record')} could not be read as they were", ""))
    if not told:
        told = [_well(s.status)]
    pieces: list[Piece] = []
    for i, piece in enumerate(told):
        pieces += [("; ", "")] if i else []
        pieces.append(piece)
    return pieces


def _of_state(s: Glance) -> list[Piece]:
    w = s.status
    reason = f": {w.reason}" if w.reason else ""
    if w.state == "lost":
        return [(f"lost, DAGMan vanished{reason}", f"bold {RED}")]
    if w.state in BAD:
        if not reason and w.nodes.failed:
            return []  # the job that failed says more
        return [(f"{w.state}{reason}", f"bold {RED}")]
    if w.state == "halted" or w.halted:
        why = s.halt_reason or w.reason
        return [(f"halted, no new jobs are started{f': {why}' if why else ''}", f"bold {ORANGE}")]
    if s.engine_hold:
        return [(f"DAGMan's own job is held: {s.engine_hold}", f"bold {ORANGE}")]
    return []


def _of_jobs(s: Glance) -> list[Piece]:
    w = s.status
    told: list[Piece] = []
    if w.held:
        told.append((f"{count(w.held, 'job')} held{f': {s.hold_reason}' if s.hold_reason else ''}", f"bold {PINK}"))
    if w.nodes.failed:
        how = f": {s.failed_exit}" if s.failed_exit is not None and not s.failed_exit.ok else ""
        last = f", {'last ' if w.nodes.failed > 1 else ''}{s.failed_job}{how}" if s.failed_job else ""
        told.append((f"{count(w.nodes.failed, 'job')} failed{last}", f"bold {RED}"))
    if w.nodes.futile:
        told.append((f"{count(w.nodes.futile, 'node')} can never run", ""))
    return told


def _well(w: WorkflowStatus) -> Piece:
    if w.state == "success":
        return "all is done", GREEN
    return ("it runs well", "") if w.state == "running" else ("it has not begun", "")
