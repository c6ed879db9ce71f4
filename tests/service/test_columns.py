"""The binary form, read by a reader that knows its description only."""

from __future__ import annotations

import json
import struct
from array import array
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient

from stampede.query.columns import Frame
from stampede.query.columns.charts import CHARTS
from stampede.service.columns import binary

_FORMATS = {"f32": "f", "u32": "I", "u8": "B"}


def read(data: bytes) -> tuple[dict[str, Any], dict[str, dict[str, list[Any]]]]:
    """Header and tables."""
    assert data[:8] == b"STMPCOL1"
    (length,) = struct.unpack_from("<I", data, 8)
    assert (12 + length) % 8 == 0
    header = json.loads(data[12 : 12 + length])
    tables: dict[str, dict[str, list[Any]]] = {}
    for name, table in header["tables"].items():
        rows = table["rows"]
        tables[name] = {}
        for column, place in table["columns"].items():
            at = place["offset"]
            assert at % 8 == 0
            assert at >= 12 + length
            if place["type"] == "text":
                ends = struct.unpack_from(f"<{rows + 1}I", data, at)
                text = data[at + 4 * (rows + 1) :]
                values: list[Any] = [text[a:b].decode() for a, b in pairwise(ends)]
            else:
                values = list(struct.unpack_from(f"<{rows}{_FORMATS[place['type']]}", data, at))
            tables[name][column] = values
    return header, tables


_ROWS = st.lists(
    st.tuples(
        st.floats(width=32, allow_nan=False), st.integers(0, 2**32 - 1), st.integers(0, 255), st.text(max_size=9)
    ),
    max_size=30,
)


@given(_ROWS, st.dictionaries(st.text(max_size=5), st.text(max_size=300), max_size=4))
def test_what_was_written_is_read_again(rows: list[tuple[float, int, int, str]], facts: dict[str, str]) -> None:
    f, i, b, t = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
    table = {"a": array("f", f), "b": array("I", i), "c": array("B", b), "d": t}
    header, tables = read(binary(Frame(kind="k", level="l", facts=facts, tables={"x": table, "empty": {}})))
    assert (header["kind"], header["level"], header["facts"]) == ("k", "l", facts)
    assert tables["x"] == {"a": f, "b": i, "c": b, "d": t}


def test_the_binary_form_says_what_json_says(client: TestClient, workflow: str) -> None:
    for path in (
        "/gantt",
        "/gantt?most=1",
        "/gantt?by=path",
        "/concurrency",
        "/graph",
        "/graph?fold=level",
        "/graph?fold=none",
        "/graph/states",
        "/graph/states?fold=none",
        "/graph/failures",
        *(f"/pictures/{kind}" for kind in CHARTS),
    ):
        plain = client.get(workflow + path).json()
        answer = client.get(workflow + path, headers={"accept": "application/vnd.stampede.columns"})
        assert answer.headers["content-type"] == "application/vnd.stampede.columns"
        header, tables = read(answer.content)
        assert (header["kind"], header["level"], header["facts"]) == (plain["kind"], plain["level"], plain["facts"])
        assert tables == plain["tables"]
