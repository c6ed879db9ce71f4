"""Several rooms of the fault lab are in use at the same time; what came of it all is printed as a table at the end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from . import catalogue, sources, table
from .lab import Outcome

#: a room is mostly waiting
ROOMS = int(os.environ.get("STAMPEDE_FAULTS_ROOMS", "0")) or 3 * (os.cpu_count() or 1)
#: those that take longest come first
_LONGEST = ("banner_stops", "killed_", "kills_", "locked", "fenced", "hold_reason", "half_", "late_")

_results = pytest.StashKey[list[table.Line]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_results] = []


#: folders of tests that leave threads of a service behind
_THREADED = frozenset({"service", "intake", "pushing", "emit", "api"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They come last, behind those of services: while other threads are there, a load does not share its work with
    other processes, which others have tests for."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if "played" in getattr(item, "fixturenames", ()):
        return 2
    return int(not _THREADED.isdisjoint(item.path.parts))


@pytest.fixture(scope="session")
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Outcome]]]:
    """All faults that are asked for, under way or over."""
    faults = catalogue.collect()
    items = [item for item in request.session.items if "played" in getattr(item, "fixturenames", ())]
    wanted: list[str] = [getattr(item, "callspec").params["key"] for item in items]  # noqa: B009
    wanted.sort(key=lambda key: not key.startswith(_LONGEST))
    home = tmp_path_factory.mktemp("faults")
    results = request.config.stash[_results]
    with ThreadPoolExecutor(ROOMS) as rooms:
        yield {key: rooms.submit(_play, faults[key], home, results) for key in wanted}
        rooms.shutdown(cancel_futures=True)


def _play(fault: catalogue.Fault, home: Path, results: list[table.Line]) -> Outcome:
    source = sources.find(fault.source, home / "made")
    if source is None:
        pytest.skip(f"the run {fault.source} is not here")
    room = home / fault.key
    try:
        outcome = catalogue.run(fault, source, room)
    except BaseException as e:
        if not isinstance(e, pytest.skip.Exception):
            results.append(table.Line(fault.name, None))
        raise
    results.append(table.Line(fault.name, outcome))
    if all(d.none for d in outcome.differences):
        shutil.rmtree(room, ignore_errors=True)
    return outcome


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = config.stash.get(_results, [])
    if lines:
        terminalreporter.section("faults")
        terminalreporter.write_line(table.rendered(lines, markdown=bool(os.environ.get(table.MARKDOWN))))
