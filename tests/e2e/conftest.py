"""A pool, and all stories that are asked for: they happen at the same time, once a session."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from conftest import shared_folder

from .pool import Pool, find_pool
from .stage import Observer, Stage
from .stories import STORIES, Story

#: jobs that the pool runs at once; stories that need more wait for each other
SLOTS = 8


@pytest.fixture(scope="session")
def pool() -> Pool:
    """The pool; without one, the tests are skipped and say why."""
    found = find_pool(shared_folder())
    if isinstance(found, str):
        pytest.skip(f"no HTCondor pool: {found}")
    return found


@pytest.fixture(scope="session")
def own_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No watch is known to the user's own Stampede, and no setting of the user to the watch."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STAMPEDE_STATE", str(tmp_path_factory.mktemp("state")))
        for name in ("STAMPEDE_DB", "STAMPEDE_CONFIG", "STAMPEDE_POLL"):
            patch.delenv(name, raising=False)
        yield


class _Slots:
    """So many things are free; who wants some waits until there are enough."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, wanted: int) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: self._free >= wanted)
            self._free -= wanted
            time.sleep(1.0)  # not all at the same moment
        try:
            yield
        finally:
            with self._changed:
                self._free += wanted
                self._changed.notify_all()


@pytest.fixture(scope="session")
def stories(
    pool: Pool, own_world: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Stage]]]:
    """All stories that some selected test wants, under way."""
    wanted = {i.callspec.params.get("stage") for i in request.session.items if hasattr(i, "callspec")}
    own = tmp_path_factory.mktemp("watched")
    home = pool.home / f"e2e-{time.time_ns():x}"
    home.mkdir()
    pool.give(home)
    observer = Observer(pool)
    free = _Slots(SLOTS)
    try:
        with ThreadPoolExecutor(len(STORIES)) as threads:
            yield {
                name: threads.submit(_play, story, Stage(pool, name, home / name, own), observer, free)
                for name, story in STORIES.items()
                if name in wanted
            }
    finally:
        observer.close()
        shutil.rmtree(home)


@pytest.fixture
def stage(request: pytest.FixtureRequest, stories: dict[str, Future[Stage]]) -> Stage:
    """What was seen of one story, once it is over."""
    return stories[request.param].result()


def _play(story: Story, stage: Stage, observer: Observer, free: _Slots) -> Stage:
    with free.taken(story.slots):
        observer.add(stage)
        try:
            story.act(stage)
        finally:
            observer.remove(stage)
            stage.close()
    return stage
