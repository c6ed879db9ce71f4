"""Databases of two users, and services that are shared by the tests of a module."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stampede import pipeline
from stampede.service.guard.tokens import Tokens

from .lab import Service

Start = Callable[..., Service]


class World(NamedTuple):
    """A database with a workflow of ada and one of bob, as they are called."""

    url: str
    ada: str
    bob: str


@pytest.fixture(scope="session")
def world(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    path = tmp_path_factory.mktemp("world") / "both.db"
    url = f"sqlite:///{path}"
    pipeline.load([corpus / "dm_g_hold"], url)
    pipeline.load([corpus / "pg_fail"], url)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE workflow SET user = CASE WHEN dax_label LIKE 'dm%' THEN 'ada' ELSE 'bob' END")
    connection.commit()
    found = dict(connection.execute("SELECT user, wf_uuid FROM workflow WHERE parent_wf_id IS NULL").fetchall())
    connection.close()
    assert set(found) == {"ada", "bob"}
    return World(url, found["ada"], found["bob"])


class Tokened(NamedTuple):
    """A service that always asks for a credential, and tokens for it by right."""

    service: Service
    tokens: dict[str, str]
    ids: dict[str, str]


@pytest.fixture(scope="module")
def tokened(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tokened]:
    state = tmp_path_factory.mktemp("state")
    kept = Tokens(state / "service" / "tokens.json")
    now = time.time()
    wanted: dict[str, dict[str, Any]] = {
        "ada": {"user": "ada", "right": "read"},
        "bob": {"user": "bob", "right": "read"},
        "writer": {"user": "ada", "right": "write"},
        "admin": {"user": "root", "right": "admin"},
        "monitor": {"user": None, "right": "monitor"},
        "old": {"user": "ada", "right": "admin", "expires_ts": now - 1},
        "other": {"user": "ada", "right": "read"},
    }
    made = {name: kept.create(now=now, **given) for name, given in wanted.items()}
    with Service(state, "--db", world.url, "--always-ask") as service:
        yield Tokened(service, {n: text for n, (text, _) in made.items()}, {n: t.id for n, (_, t) in made.items()})


@pytest.fixture
def serve(world: World, tmp_path: Path) -> Iterator[Start]:
    """Start services on the two users' database; all of them end with the test."""
    running: list[Service] = []

    def start(*arguments: str) -> Service:
        service = Service(tmp_path, "--db", world.url, *arguments)
        running.append(service)
        return service

    yield start
    for service in running:
        service.end()
