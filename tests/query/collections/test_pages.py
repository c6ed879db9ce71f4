"""Pages of every collection together are the list, in the order that was asked for, whichever way leads to the rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from stampede.errors import UsageError
from stampede.query import Reader
from stampede.query.collections import (
    COLLECTIONS,
    EVERYTHING,
    Collection,
    Question,
    ask,
    count,
    iterate,
    of_forest,
    of_user,
    of_workflow,
    page,
    pages,
)
from stampede.query.past import everything_as_it_stood
from stampede.query.workflows import find

NAMES = ("pg_fail", "dm_e_subdag", "dm_g_hold", "dm_c_rescue")
Read = Callable[[str], Reader]


def all_pages(reader: Reader, question: Question, limit: int) -> list[Any]:
    found: list[Any] = []
    after = None
    while True:
        one = page(reader, question, limit=limit, after=after)
        assert len(one.items) <= limit
        found += one.items
        after = one.next
        if after is None:
            return found
        assert len(one.items) == limit


@pytest.fixture(params=["sorted", "walked"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to a page: what is chosen for few rows, and for many."""
    if request.param == "walked":
        monkeypatch.setattr(pages, "FEW", -1)
    return str(request.param)


@pytest.mark.parametrize("collection", COLLECTIONS.values(), ids=COLLECTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_pages_in_every_order_are_the_list(read: Read, name: str, collection: Collection, way: str) -> None:
    reader = read(name)
    scopes = [EVERYTHING, of_forest(reader, find(reader, None)[0]), of_workflow(find(reader, None)[0])]
    for scope in scopes:
        rows = list(iterate(reader, ask(collection, scope)))
        assert all_pages(reader, ask(collection, scope), 4) == rows
        assert count(reader, ask(collection, scope)).value == len(rows)
        kept = page(reader, ask(collection, scope), limit=1).total
        assert kept in (None, len(rows))
    if collection.table and not reader.columns(collection.table):
        return
    for column in (c for c in collection.columns if c.sortable):
        for sign in ("", "-"):
            question = ask(collection, sort=sign + column.name)
            found = all_pages(reader, question, 3)
            assert found == list(iterate(reader, question))
            values = [r[0] for r in reader.rows(f"SELECT {column.sql} FROM {collection.source}")]
            told = [v for v in values if v is not None]
            assert len(found) == len(values)
            if column.kind != "exit":
                empty = [getattr(i, column.name) for i in found[len(told) :]]
                assert empty == [None] * (len(values) - len(told)), "rows without a value come last"
                assert [getattr(i, column.name) for i in found[: len(told)]] == sorted(told, reverse=bool(sign))


@pytest.mark.parametrize("collection", COLLECTIONS.values(), ids=COLLECTIONS)
def test_columns_are_the_fields_of_the_struct_and_can_all_be_asked(read: Read, collection: Collection) -> None:
    reader = read("pg_fail")
    assert tuple(c.name for c in collection.columns) == collection.item.__struct_fields__
    types = {f.name: f.type for f in msgspec.structs.fields(collection.item)}
    for column in collection.columns:
        assert column.nullable == (type(None) in getattr(types[column.name], "__args__", ())), column.name
        assert column.note
        if column.filterable:
            assert list(iterate(reader, ask(collection, filter=f"{column.name}=null,null"))) is not None
    for item in iterate(reader, ask(collection)):
        msgspec.convert(msgspec.to_builtins(item), collection.item)


def test_a_filter_leaves_the_same_on_both_ways(read: Read, way: str) -> None:
    reader = read("pg_fail")
    for text, sort, names in (
        ("state=failed", "-duration_s", ["findrange_ID0000003"]),
        ("word=failed,done&duration_s>=36", "-duration_s", ["findrange_ID0000003"]),
        ("state!=done&state!=futile", "name", ["findrange_ID0000003"]),
        ("transformation~=diamond::findrange*&exit=0", "name", ["findrange_ID0000002"]),
    ):
        question = ask(COLLECTIONS["jobs"], filter=text, sort=sort)
        assert [j.name for j in page(reader, question).items] == names
        assert [j.name for j in all_pages(reader, question, 1)] == names
        assert count(reader, question).value == len(names)


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("column", ["execute_ts", "end_ts", "duration_s", "name"])
@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold"])
def test_a_filter_of_what_a_list_is_sorted_by_leaves_the_same(
    read: Read, name: str, column: str, sign: str, way: str
) -> None:  # fmt: skip
    reader = read(name)
    found = [getattr(j, column) for j in iterate(reader, ask(COLLECTIONS["jobs"]))]
    values = sorted(v for v in found if v is not None)
    middle = values[len(values) // 2]
    for filter_ in (f"{column}>={middle}", f"{column}<{middle}", f"{column}!={middle}", f"{column}=null,{middle}"):
        question = ask(COLLECTIONS["jobs"], filter=filter_, sort=sign + column)
        assert all_pages(reader, question, 2) == list(iterate(reader, question))


def test_a_page_from_a_time_on_begins_there_in_the_index(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "FEW", -1)
    reader = read("pg_fail")
    asked: list[tuple[str, Any]] = []
    rows = Reader.rows
    monkeypatch.setattr(
        Reader, "rows", lambda self, sql, values=(): (asked.append((sql, values)), rows(self, sql, values))[1]
    )
    page(reader, ask(COLLECTIONS["jobs"], filter="end_ts<=1700000000", sort="-end_ts"))
    sql, values = next((s, v) for s, v in asked if "ORDER BY i.end_ts" in s)
    plan = reader.rows(f"EXPLAIN QUERY PLAN {sql}", values)
    assert "job_instance_end_idx (end_ts>? AND end_ts<?)" in plan[0][3]
    assert not any("end_ts IS NULL" in s for s, _ in asked)


def test_what_is_held_is_found_by_its_word(read: Read) -> None:
    reader = read("dm_g_hold")
    by_word = {j.name for j in iterate(reader, ask(COLLECTIONS["jobs"])) if j.word == "held"}
    assert {j.name for j in iterate(reader, ask(COLLECTIONS["jobs"], filter="word=held"))} == by_word
    with pytest.raises(UsageError, match="write word=held"):
        ask(COLLECTIONS["jobs"], filter="state=held")


def test_search_looks_into_names_and_errors(read: Read) -> None:
    reader = read("pg_fail")
    jobs = COLLECTIONS["jobs"]
    assert [j.name for j in iterate(reader, ask(jobs, search="FINDRANGE"))] == [
        "findrange_ID0000002",
        "findrange_ID0000003",
    ]
    assert [j.name for j in iterate(reader, ask(jobs, search="calibration.dat is missing"))] == ["findrange_ID0000003"]
    assert list(iterate(reader, ask(jobs, search="100%_sure"))) == []
    with pytest.raises(UsageError, match="no text to search for in edges"):
        ask(COLLECTIONS["edges"], search="x")


def test_only_the_fields_that_were_asked_for(read: Read) -> None:
    found = page(read("pg_fail"), ask(COLLECTIONS["jobs"], fields="name, state,exit", sort="-duration_s"), limit=1)
    assert found.items[0]["name"] == "findrange_ID0000003"
    assert list(found.items[0]) == ["name", "state", "exit"]
    assert found.items[0]["exit"].code == 3
    with pytest.raises(UsageError, match="Did you mean state"):
        ask(COLLECTIONS["jobs"], fields="name,stat")


def test_a_cursor_goes_on_with_its_own_question_only(read: Read) -> None:
    reader = read("pg_fail")
    jobs = COLLECTIONS["jobs"]
    cursor = page(reader, ask(jobs, sort="-duration_s"), limit=2).next
    assert cursor is not None
    assert cursor.replace("-", "").replace("_", "").isalnum()
    for other in (ask(jobs), ask(jobs, sort="duration_s"), ask(jobs, sort="-duration_s", filter="state=done"),
                  ask(jobs, sort="-duration_s", search="a"), ask(jobs, sort="-duration_s", mark="as of then"),
                  ask(COLLECTIONS["tasks"])):  # fmt: skip
        with pytest.raises(UsageError, match="another question"):
            page(reader, other, after=cursor)
    for broken in ("", "x", cursor[:-3], cursor + "AAAA", "é", "A" * 30_000):
        with pytest.raises(UsageError):
            page(reader, ask(jobs, sort="-duration_s"), after=broken)
    with pytest.raises(UsageError, match="from 1 to"):
        page(reader, ask(jobs), limit=0)
    with pytest.raises(UsageError, match="Did you mean duration_s"):
        ask(jobs, sort="-duration")
    with pytest.raises(UsageError, match="twice"):
        ask(jobs, sort="name,-name")


def test_lists_are_of_the_time_that_is_asked_about(read: Read) -> None:
    reader = read("pg_fail")
    jobs = COLLECTIONS["jobs"]
    at = 1795295620.0
    with everything_as_it_stood(reader, at):
        then = {j.name: j.state for j in all_pages(reader, ask(jobs), 5)}
        assert count(reader, ask(jobs, filter="state=done")).value == list(then.values()).count("done")
    now = {j.name: j.state for j in iterate(reader, ask(jobs))}
    assert then.keys() == now.keys()
    assert list(then.values()).count("done") < list(now.values()).count("done")


def test_a_list_can_be_of_one_user(read: Read) -> None:
    reader = read("pg_fail")
    everybody = count(reader, ask(COLLECTIONS["jobs"])).value
    assert count(reader, ask(COLLECTIONS["jobs"], of_user("wf"))).value == everybody
    for collection in COLLECTIONS.values():
        assert list(iterate(reader, ask(collection, of_user("somebody' OR 1=1 --")))) == []


def test_counting_stops_where_it_is_told_to(read: Read) -> None:
    reader = read("pg_fail")
    question = ask(COLLECTIONS["jobs"], filter="attempts>=0")
    assert (count(reader, question, most=5).value, count(reader, question, most=5).exact) == (5, False)
    assert (count(reader, question, most=14).value, count(reader, question, most=14).exact) == (14, True)
