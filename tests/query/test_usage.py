"""What tries of recorded runs asked for and used."""

from __future__ import annotations

from collections.abc import Callable

from stampede.query import Reader
from stampede.query.usage import usage
from stampede.query.workflows import find, forest


def test_requests_and_use_come_with_each_try_that_ran(read: Callable[[str], Reader]) -> None:
    reader = read("pg_fail")
    found = usage(reader, forest(reader, find(reader, None)[0]))
    tries = [u for u in found if "findrange" in u.kind]
    assert [u.failed for u in tries].count(True) == 2
    assert all(u.request_memory_mb == 2048 for u in tries)
    assert all(u.memory_mb is None or 0 < u.memory_mb < 2048 for u in found)
    assert not any(u.on_memory for u in found)
