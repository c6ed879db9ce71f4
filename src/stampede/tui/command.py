"""The commands that answer what a screen shows."""

from __future__ import annotations

import shlex

from stampede.tui.asks import Choice, Place

_SORTS = {"tries": "attempts", "took": "duration"}
_LARGEST_FIRST = frozenset({"tries", "took", "started", "ended"})
_KINDS = {"failing": ["--state", "failed"], "held": ["--held"], "running": ["--state", "running"],
          "idle": ["--state", "queued"]}  # fmt: skip


def status_command(place: Place) -> str:
    """How far a workflow is."""
    return shlex.join(["stampede", "status", place.uuid[:8], "--db", place.url])


def jobs_command(place: Place, choice: Choice, *, causes: bool = False) -> str:
    """A list of jobs, or what is wrong."""
    if causes:
        return shlex.join(["stampede", "triage", place.uuid[:8], "--db", place.url])
    words = ["stampede", "jobs", place.uuid[:8], *_KINDS.get(choice.kind, [])]
    text = choice.text.strip().rpartition("/")[2]
    if text:
        words += ["--name", text if any(c in text for c in "*?") else f"*{text}*"]
    if choice.sort != "name":
        words += ["--sort", _SORTS.get(choice.sort, choice.sort)]
        words += ["--desc"] if choice.sort in _LARGEST_FIRST else []
    return shlex.join([*words, *(["--all"] if choice.below else []), "--db", place.url])


def show_command(place: Place, job: str, number: int | None = None) -> str:
    """One job, or one try of it."""
    words = ["stampede", "show", job, place.uuid[:8]]
    words += ["--try", str(number), "--full"] if number is not None else []
    return shlex.join([*words, "--db", place.url])
