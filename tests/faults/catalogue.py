"""All faults: what each is called, what is played meanwhile, and what is done."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from .lab import Lab, Outcome
from .player import Pace

Act = Callable[[Lab], Outcome]

#: kills in all
KILLS = int(os.environ.get("STAMPEDE_FAULTS_KILLS", "40"))
#: the long form has what takes too long for everyday
LONG = KILLS >= 200


class Fault(NamedTuple):
    """``name`` is its line in the table, ``key`` its test; several tests may share a line. ``source`` is a recorded run
    or one that is made (``sources``), ``pace`` how fast it is played; ``how`` is for the script."""

    name: str
    key: str
    source: str
    pace: Pace
    act: Act
    seed: int
    #: why it may fail
    hard: str | None
    how: dict[str, Any]


FAULTS: dict[str, Fault] = {}


def fault(
    name: str, source: str, pace: Pace | None = None, *, seed: int = 1, key: str | None = None, long: bool = False,
    hard: str | None = None, **how: Any,
) -> Callable[[Act], Act]:  # fmt: skip
    """Note a fault; ``long`` ones belong to the long form."""

    def note(act: Act) -> Act:
        if not long or LONG:
            made = key or act.__name__
            assert made not in FAULTS, made
            FAULTS[made] = Fault(name, made, source, pace or Pace(), act, seed, hard, how)
        return act

    return note


def run(one: Fault, source: Path, home: Path) -> Outcome:
    """Let it happen."""
    lab = Lab(home, source, seed=one.seed, pace=one.pace, **one.how)
    try:
        return one.act(lab)
    finally:
        lab.close()


def collect() -> dict[str, Fault]:
    """All of them."""
    for name in ("database", "engine", "files", "folders", "kills", "lines", "logs", "rivals", "world"):
        import_module(f".faults_{name}", __package__)
    return FAULTS
