"""Events by the thousand: every class of the catalogue with every field, for round trips."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from stampede.events.base import Event
from stampede.events.catalogue import EVENTS
from stampede.events.records import DOTTED

#: Names that stand for an attribute of some event; ``extra`` holds others.
_TAKEN = {*DOTTED, *DOTTED.values(), *(wire for cls in EVENTS.values() for wire in cls.WIRE.values()), "event"}
_ABSENT = ("", "None", "null")

any_text = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
nasty = st.sampled_from(
    ['a "quoted" word', "back\\slash", 'end\\"', "\\", "two\nlines", "\r\n", "50%25", "a=b c=d", "\x00\x07", "None ",
     " lead", "é✓", " ", "\u2028", "]]>", '"', '\\\\"', "x\\", "root.xwf.id=1 ", " root.xwf.id="]
)  # fmt: skip
free_text = st.one_of(any_text, nasty)
names = free_text.filter(lambda text: text not in _ABSENT)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)

_FREE = {"argv", "stdout_text", "stderr_text", "value", "message", "remedy"}
_WORDS = {"level": ("Info", "Error", "Debug"), "type_desc": ("compute", "create-dir", "dax")}
_SMALL = {"type": 11, "clustered": 1, "done": 1, "noop": 1, "exit_unknown": 1, "output": 1}
_times = st.floats(-1e9, 4e9, allow_nan=False)


def _field(cls: type[Event], field: str, kind: str) -> st.SearchStrategy[Any]:
    if field == "ip":
        values: st.SearchStrategy[Any] = st.ip_addresses().map(str)
    elif field in _WORDS and "str" in kind:
        values = st.sampled_from(_WORDS[field])
    elif "float" in kind:
        values = _times
    elif "int" in kind:
        values = st.integers(0, _SMALL.get(field, 2**31 - 1))
    else:
        values = free_text if field in _FREE and "None" in kind else names
    required = "None" not in kind or (field == "xwf_id" and not _may_lack_workflow(cls))
    return values if required else st.none() | values


def _may_lack_workflow(cls: type[Event]) -> bool:
    return cls.NAME.startswith("stampede.static.") or cls.NAME == "stampede.problem"


def _annotations(cls: type[Event]) -> dict[str, str]:
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        found.update(getattr(base, "__annotations__", {}))
    return found


def events(extra: st.SearchStrategy[Any] | None = None) -> st.SearchStrategy[Event]:
    """Any event of the catalogue; ``extra`` draws the values of its extra attributes."""
    keys = any_text.filter(lambda key: key not in _TAKEN)
    extras = st.none() | st.dictionaries(keys, json_values if extra is None else extra, min_size=1, max_size=4)

    def of(cls: type[Event]) -> st.SearchStrategy[Event]:
        kinds = _annotations(cls)
        fields = {name: _field(cls, name, kinds[name]) for name in cls.__struct_fields__ if name != "extra"}
        return st.builds(cls, extra=extras, **fields)

    return st.sampled_from(sorted(EVENTS.values(), key=lambda cls: cls.NAME)).flatmap(of)
