"""JSON: times are RFC 3339, and any text can be told."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from stampede.query.collections import COLLECTIONS, Page
from stampede.service import forms
from stampede.words import rfc3339

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a_ts", "ts", "b", "c_s"]), inner),
    max_leaves=20,
)


def _slow(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {k: _slow(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_slow(v) for v in value]
    if isinstance(value, int | float) and not isinstance(value, bool) and (key.endswith("_ts") or key == "ts"):
        return rfc3339(value)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


@given(_VALUES)
def test_times_are_text_and_all_else_is_as_it_was(value: Any) -> None:
    told = msgspec.json.decode(forms.json(value))
    assert told == msgspec.json.decode(msgspec.json.encode(_slow(value)))


def test_a_page_is_told_as_its_structs_are() -> None:
    collection = COLLECTIONS["jobs"]
    row = [None if c.nullable else {"text": "x\udcff", "integer": 3}.get(c.kind, 0) for c in collection.columns]
    row[[c.name for c in collection.columns].index("end_ts")] = 1_795_300_000.25
    (named,) = collection.named(collection.columns, [tuple(row)])
    item = collection.item(**named)
    page: Page[Any] = Page(items=[item, item], next="n", total=2)
    assert json.loads(forms.json_of(page, collection.columns)) == json.loads(forms.json(page))
    assert json.loads(forms.json(page))["items"][0]["end_ts"] == "2026-11-21T22:26:40.250000Z"
