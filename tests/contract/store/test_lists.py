"""Every list, in every order and under every kind of filter, has the same items in the same order."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import stampede
from stampede.errors import UsageError
from stampede.query.collections import COLLECTIONS, pages
from stampede.query.collections.column import Collection, Column
from stampede.query.literals import write
from tests.contract.store.tables import same
from tests.servers import SERVERS

#: lists ask for states by try: that a PostgreSQL in parts answers such questions as a whole one is held by test_answers
pytestmark = pytest.mark.parametrize("server", SERVERS, indirect=True)


def _pages(url: str, name: str, **asked: Any) -> list[Any]:
    """All items, page by page."""
    found: list[Any] = []
    with stampede.open(url) as session:
        listing = session.listing(name, **asked)
        after: str | None = None
        while True:
            page = listing.page(limit=7, after=after)
            found += [msgspec.to_builtins(item) for item in page.items]
            after = page.next
            if after is None or len(found) > 300:
                return found


def _plain(items: list[Any]) -> list[Any]:
    """Items without what is a number of the database itself, or its address."""
    return [{k: v for k, v in item.items() if k not in ("db_url", "database")} for item in items]


@pytest.mark.parametrize("name", sorted(COLLECTIONS))
def test_a_list_is_the_same_in_every_order(sqlite: str, server: str, name: str) -> None:
    for column in COLLECTIONS[name].columns:
        if column.sortable:
            for sort in (column.name, f"-{column.name}"):
                one, other = (_plain(_pages(url, name, sort=sort)) for url in (sqlite, server))
                assert _same(one, other, name, column), sort


@pytest.mark.parametrize("name", ["jobs", "job_instances"])
def test_a_list_of_many_is_read_in_the_order_of_an_index(
    sqlite: str, server: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "FEW", 0)
    test_a_list_is_the_same_in_every_order(sqlite, server, name)


def _same(one: list[Any], other: list[Any], name: str, column: Column) -> bool:
    """Items whose values are equal are told apart by keys, which each database may have given out in another order."""
    if name in _NUMBERED:
        values = [[item.get(column.name) for item in items] for items in (one, other)]
        return same(*values) and (len(one) > 300 or same(*(sorted(map(repr, items)) for items in (one, other))))
    return same(one, other)


#: lists of rows that the database numbers, not the loader
_NUMBERED = frozenset({"tasks", "task_files", "files", "invocations", "problems"})


def _filters(collection: Collection, items: list[Any]) -> list[str]:
    """Conditions of each kind, of values that are there."""
    found = []
    for column in collection.filterable.values():
        values = [item.get(column.name) for item in items if item.get(column.name) is not None]
        found += [f"{column.name}=null", f"{column.name}!=null"]
        if not values or column.kind == "exit":
            continue
        value = values[len(values) // 2]
        if not isinstance(value, (str, int, float)) or isinstance(value, bool):
            continue
        text = '"' + write(column.kind, value).replace("\\", "\\\\").replace('"', '\\"') + '"'
        found += [f"{column.name}={text}", f"{column.name}!={text}"]
        if column.kind == "text" and isinstance(value, str):
            found += [f"{column.name}~={value[:3].replace('=', '?') or '*'}*".replace("<", "?").replace('"', "?")]
        elif column.kind not in ("boolean",):
            found += [f"{column.name}<{text}", f"{column.name}>={text}"]
    return found


@pytest.mark.parametrize("name", sorted(COLLECTIONS))
def test_a_filter_finds_the_same(sqlite: str, server: str, name: str) -> None:
    asked = 0
    for condition in _filters(COLLECTIONS[name], _pages(sqlite, name)):
        try:
            one = _plain(_pages(sqlite, name, filter=condition))
        except UsageError:
            continue  # not every value that is there can be asked for
        asked += 1
        other = _plain(_pages(server, name, filter=condition))
        assert sorted(map(_told, one)) == sorted(map(_told, other)), condition
    assert asked or not COLLECTIONS[name].filterable


def _told(item: Any) -> str:
    return repr({k: round(v, 6) if isinstance(v, float) else v for k, v in item.items()})


@pytest.mark.parametrize("text", ["find", "FIND", "calibration", "%", "_", "\\", "ü"])
@pytest.mark.parametrize("name", ["jobs", "job_instances", "workflows", "problems"])
def test_a_search_finds_the_same(sqlite: str, server: str, name: str, text: str) -> None:
    one, other = (_plain(_pages(url, name, search=text)) for url in (sqlite, server))
    assert sorted(map(_told, one)) == sorted(map(_told, other))
