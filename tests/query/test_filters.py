"""The grammar of filters: what is read is what was meant, and nothing in it becomes more than a value."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.errors import FilterError, UsageError
from stampede.query.filters import Condition, Field, Filter, name_of, parse, parse_parts

FIELDS = {
    f.name: f
    for f in (
        Field(name="name", sql="t.name", kind="text"),
        Field(name="state", sql="t.state", kind="text", words=("done", "failed", "queued"), unless={"held": "word"}),
        Field(name="tries", sql="t.tries", kind="integer"),
        Field(name="duration_s", sql="t.duration", kind="number"),
        Field(name="start_ts", sql="t.start", kind="time"),
        Field(name="output", sql="t.output", kind="boolean"),
        Field(name="exit", sql="t.exitcode", kind="exit"),
    )
}
ROWS = [
    ("mProject_1", "done", 1, 61.5, 1795300000.0, 1, 0),
    ("mProject_2", "failed", 2, 3.0, 1795300100.0, 0, 256),
    ("mAdd[1]", "queued", 0, None, None, None, None),
    ('odd "name", & more', "failed", 3, 7.0, 1795300200.5, 0, 9 | 0x80),
    ("", "failed", 1, 0.0, 0.0, 0, -1),
]


@pytest.fixture(scope="module")
def table() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t(name TEXT, state TEXT, tries INT, duration REAL, start REAL, output, exitcode)")
    connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)", ROWS)
    return connection


def chosen(table: sqlite3.Connection, text: str) -> list[int]:
    """Numbers of the rows that a filter leaves."""
    where, values = parse(text, FIELDS).sql()
    clause = f"WHERE {' AND '.join(where)}" if where else ""
    return [r[0] - 1 for r in table.execute(f"SELECT rowid FROM t {clause} ORDER BY rowid", values)]


@pytest.mark.parametrize(
    "text, rows",
    [
        ("", [0, 1, 2, 3, 4]),
        ("state=failed", [1, 3, 4]),
        (" state = failed & duration_s >= 3 ", [1, 3]),
        ("state=done,queued", [0, 2]),
        ("state!=failed,done", [2]),
        ("duration_s!=3", [0, 2, 3, 4]),
        ("duration_s=null", [2]),
        ("duration_s!=null", [0, 1, 3, 4]),
        ("duration_s=null,7", [2, 3]),
        ("duration_s!=null,7", [0, 1, 4]),
        ("name~=mProject*", [0, 1]),
        ("name~=*_?,mAdd*", [0, 1, 2]),
        ("name!~mProject*,odd*", [2, 4]),
        ("name~=mAdd[1]", [2]),
        ('name="odd \\"name\\", & more"', [3]),
        ('name=""', [4]),
        ("name=", [4]),
        ("name=null", []),
        ('name="null"', []),
        ("start_ts>=2026-11-21T22:28:20Z", [1, 3]),
        ("start_ts=2026-11-21T23:30:00.5+01:00", [3]),
        ("start_ts<1795300000", [4]),
        ("output=true", [0]),
        ("output!=true", [1, 2, 3, 4]),
        ("exit=0", [0]),
        ("exit=1", [1]),
        ("exit=SIGKILL", [3]),
        ("exit=signal:9", [3]),
        ("exit=SIGTERM", []),
        ("exit!=0", [1, 2, 3, 4]),
        ("exit=-1", [4]),
        ("tries>1&tries<3", [1]),
    ],
)
def test_a_filter_leaves_the_rows_that_are_meant(table: sqlite3.Connection, text: str, rows: list[int]) -> None:
    assert chosen(table, text) == rows


@pytest.mark.parametrize(
    "text, offset, words",
    [
        ("stat=failed", 0, "Did you mean state?"),
        ("nonsense=1", 0, "Known are name, state, tries"),
        ("state=faild", 6, "Did you mean failed?"),
        ("state=held", 6, "write word=held"),
        ("tries=1&duration_s>x", 19, "'x' is no number"),
        ("tries=1.5", 6, "no whole number"),
        ("tries=99999999999999999999", 6, "no whole number"),
        ("tries=9223372036854775808", 6, "no whole number"),
        ("duration_s=1e999", 11, "no number"),
        ("duration_s=nan", 11, "no number"),
        ("start_ts>=2026-11-21", 10, "no zone"),
        ("start_ts=2026-02-30T00:00:00Z", 9, "no time that there was"),
        ("output=maybe", 7, "neither true nor false"),
        ("exit=137x", 5, "no exit"),
        ("exit>0", 4, "has no order"),
        ("tries~=1*", 5, "not like a pattern"),
        ("tries>1,2", 8, "one value"),
        ("tries>null", 6, "with null"),
        ("tries==1", 6, "does not begin with ="),
        ("name=!a", 5, "does not begin with !"),
        ("tries", 5, "one of ="),
        ("tries=1&", 8, "name of a column"),
        ("&tries=1", 0, "name of a column"),
        ('name="a', 5, "has no end"),
        ('name="a"b', 8, "Text after the value"),
        ('name=a"b"', 6, "A quote within"),
        ("name~=" + "*a" * 9, 6, "asterisks"),
    ],
)
def test_an_error_says_where_and_what_is_known(text: str, offset: int, words: str) -> None:
    with pytest.raises(FilterError, match="character") as caught:
        parse(text, FIELDS)
    assert caught.value.offset == offset
    assert words in str(caught.value)


def test_conditions_of_a_url_may_hold_ampersands(table: sqlite3.Connection) -> None:
    (condition,) = parse_parts(["name~=*& more"], FIELDS).conditions
    assert condition.values == ("*& more",)
    with pytest.raises(FilterError) as caught:
        parse_parts(["tries=1", "state=nowhere"], FIELDS)
    assert (caught.value.part, caught.value.offset) == (1, 6)
    assert name_of("duration_s>=60") == "duration_s"
    assert name_of("limit=10") == "limit"
    assert name_of("no condition") is None


def test_a_filter_is_bounded() -> None:
    with pytest.raises(FilterError):
        parse("&".join(["tries=1"] * 51), FIELDS)
    with pytest.raises(FilterError):
        parse("tries=" + ",".join(["1"] * 1001), FIELDS)
    with pytest.raises(FilterError):
        parse("name=" + "x" * 200_000, FIELDS)


VALUES = {
    "text": st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    "integer": st.integers(-(2**63) + 1, 2**63 - 1),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "time": st.floats(-1e12, 1e12),
    "boolean": st.sampled_from([0, 1]),
    "exit": st.one_of(st.integers(0, 255).map(lambda c: c << 8), st.integers(1, 64), st.integers(-99, -1)),
}


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    field = draw(st.sampled_from([f for f in FIELDS.values() if not f.words]))
    allowed = ["=", "!="]
    if field.kind not in ("boolean", "exit"):
        allowed += ["<", "<=", ">", ">="]
    operator = draw(st.sampled_from(allowed))
    value = VALUES[field.kind]
    if operator in ("=", "!="):
        values = draw(st.lists(st.none() | value, min_size=1, max_size=4))
    else:
        values = [draw(value)]
    return Condition(field, operator, tuple(values))  # type: ignore[arg-type]


@given(st.lists(conditions(), max_size=5))
def test_what_is_written_is_read_to_the_same(wanted: list[Condition]) -> None:
    filter_ = Filter(tuple(wanted))
    assert parse(str(filter_), FIELDS) == filter_
    assert parse_parts([str(c) for c in wanted], FIELDS) == filter_


@given(st.text(max_size=80) | st.from_regex(r"(name|state|tries|exit)(=|!=|~=|<|>=)[\s\S]{0,40}", fullmatch=True))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse(text, FIELDS)
    except UsageError as e:
        said = str(e)
    else:
        said = ""
        assert parse(str(found), FIELDS) == found
    assert said.isprintable()


@given(st.text(max_size=60))
def test_text_stays_a_value_whatever_it_says(text: str) -> None:
    """The SQL of a filter is the same whatever its values are."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    for operator in ("=", "!=", "~=", "!~"):
        condition = Condition(FIELDS["name"], operator, (text,))  # type: ignore[arg-type]
        where, values = Filter((condition,)).sql()
        assert where == Filter((Condition(FIELDS["name"], operator, ("x",)),)).sql()[0]  # type: ignore[arg-type]
        assert len(values) == 1


def test_injected_sql_is_data(table: sqlite3.Connection) -> None:
    for text in ("'; DROP TABLE t; --", "' OR 1=1 --", "x') OR (1=1", "?1", ":name", "\0"):
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        assert chosen(table, f'name="{quoted}"') == []
    assert len(chosen(table, "")) == len(ROWS)
