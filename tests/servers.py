"""Databases on servers for tests: each test that wants one gets an empty one, which is dropped afterwards."""

from __future__ import annotations

import importlib.util
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

_NUMBERS = itertools.count(1)
SERVERS = ("postgresql", "mariadb")


def _services() -> ModuleType:
    path = Path(__file__).resolve().parent.parent / "tools" / "services.py"
    spec = importlib.util.spec_from_file_location("services", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SERVICES = _services()


@contextmanager
def database(server: str) -> Iterator[str]:
    """The URL of a new, empty database on a server of that kind; the test is skipped where there can be none."""
    url = getattr(SERVICES, server)()
    if url is None:
        pytest.skip(f"NO SERVER OF {server.upper()} IS HERE, AND NONE COULD BE STARTED: its contract is not tested")
    name = f"stampede_test_{os.getpid()}_{next(_NUMBERS)}"
    made = f"CREATE DATABASE {name}"
    if server == "postgresql":
        made += " TEMPLATE template0 ENCODING 'UTF8'"
    administer(server, url, made)
    try:
        yield f"{url}/{name}"
    finally:
        administer(server, url, f"DROP DATABASE {name}" + (" WITH (FORCE)" if server == "postgresql" else ""))


def administer(server: str, url: str, statement: str) -> None:
    """Run a statement outside any of our databases."""
    if server == "postgresql":
        import psycopg

        with psycopg.connect(url.replace("+psycopg", "") + "/postgres", autocommit=True) as connection:
            connection.execute(statement)
        return
    import pymysql

    user, _, place = url.partition("://")[2].rpartition("@")
    host, _, port = place.partition(":")
    with pymysql.connect(host=host, port=int(port), user=user, autocommit=True) as other, other.cursor() as cursor:
        cursor.execute(statement)
