"""A recorded run with its window, as pictures see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from stampede.query import Reader
from stampede.query.pictures.window import Window, window_of
from stampede.query.workflows import Workflow, find, forest


class Recorded(NamedTuple):
    """A reader, the workflows of the run, and all of their time."""

    reader: Reader
    workflows: list[Workflow]
    window: Window


@pytest.fixture
def recorded(read: Callable[[str], Reader]) -> Callable[[str], Recorded]:
    """Open a recorded run."""

    def open_one(name: str) -> Recorded:
        reader = read(name)
        workflows = forest(reader, find(reader, None)[0])
        return Recorded(reader, workflows, window_of(workflows))

    return open_one
