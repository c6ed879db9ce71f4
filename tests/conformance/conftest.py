"""The conformance run: real Pegasus runs, our loader, the peer's databases and the peer's tools.

Marked ``conformance`` and left out of a plain run of the suite, since it takes minutes: it runs with
``pytest -m conformance`` (``make conformance``) or when this folder is named. It needs the recorded runs beside the
checkout and the peer's Python (``STAMPEDE_PEER_PYTHON``, or ``python bench/peer.py install`` once); where one of them
is missing it is skipped.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# bench/ is no part of the installed package
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench import peer as peer_tools

from . import runs


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "conformance: compares with the databases and tools of the peer")


def _asked_for(config: pytest.Config) -> bool:
    words = (str(config.option.markexpr), *config.invocation_params.args)
    return any("conformance" in str(word) for word in words)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _asked_for(config):
        return
    for item in items:
        if item.get_closest_marker("conformance"):
            item.add_marker(pytest.mark.skip(reason="compares with the peer, takes minutes: make conformance"))


@pytest.fixture(scope="session")
def peer() -> peer_tools.Peer:
    found = peer_tools.find()
    if found is None:
        pytest.skip("the peer is not installed: python bench/peer.py install")
    return found


@pytest.fixture(scope="session", params=runs.recorded(), ids=lambda run: run.name)
def case(
    request: pytest.FixtureRequest, shared: Path, peer: peer_tools.Peer, tmp_path_factory: pytest.TempPathFactory
) -> runs.Case:
    if not runs.can_load():
        pytest.skip("this checkout has no command line yet")
    run: Path = request.param
    return runs.make(peer, run, tmp_path_factory.mktemp(run.name))
