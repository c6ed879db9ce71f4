"""Commands of a DAG file that set something on one node (or, with ``ALL_NODES``, on each).

Every setter takes the node, the text after its name, and the prefix of the splice the command stands in. It raises
:class:`BadCommandError` for text that is not what the command's syntax says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from stampede.sources.dagman.dag import Node
from stampede.sources.dagman.problem import quote

Setter: TypeAlias = Callable[[Node, str, str], None]

_VAR = re.compile(r"""\s*([^\s="']+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)')""", re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\])')
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
#: Pegasus writes the same VARS text for every node: one dictionary serves them all.
_SHARED_TEXT = 200
_SHARED_MAX = 4096


class BadCommandError(Exception):
    """A command's text is not what its syntax says: ``kind`` for the problem record, the message for people."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def integer(text: str, what: str) -> int:
    """The number a token says; raises :class:`BadCommandError` otherwise."""
    digits = text[1:] if text[:1] in ("-", "+") else text
    if not (digits.isdecimal() and digits.isascii() and len(digits) < 19):
        raise BadCommandError("bad-number", f"{what} must be a whole number, not '{quote(text)}': command left out.")
    return int(text)


def tokens(text: str) -> list[str]:
    """Words of a line; double quotes keep blanks together."""
    if '"' not in text:
        return text.split()
    return [_ESCAPE.sub(r"\1", m[1]) if m[1] is not None else m[2] for m in _TOKEN.finditer(text)]


def _first(text: str, missing: str) -> list[str]:
    parts = text.split()
    if not parts:
        raise BadCommandError("incomplete", f"{missing}: command left out.")
    return parts


def set_retry(node: Node, text: str, _prefix: str) -> None:
    """``RETRY node count [UNLESS-EXIT value]``."""
    if text.isdecimal() and len(text) < 10:
        node.retries = int(text)
        return
    parts = _first(text, "RETRY has no number of tries")
    count = integer(parts[0], "RETRY's number of tries")
    if count < 0:
        raise BadCommandError("bad-number", f"RETRY's number of tries is negative ({count}): command left out.")
    node.retries = count
    if len(parts) == 3 and parts[1].upper() == "UNLESS-EXIT":
        node.retry_unless_exit = integer(parts[2], "UNLESS-EXIT")
    elif len(parts) > 1:
        rest = quote(" ".join(parts[1:]))
        raise BadCommandError(
            "bad-syntax", f"RETRY takes only UNLESS-EXIT value after its number, not '{rest}': ignored."
        )


def set_priority(node: Node, text: str, _prefix: str) -> None:
    """``PRIORITY node number``."""
    node.priority = integer(_first(text, "PRIORITY has no number")[0], "PRIORITY")


def set_category(node: Node, text: str, prefix: str) -> None:
    """``CATEGORY node name``: local to a splice unless it begins with ``+``."""
    name = _first(text, "CATEGORY has no name")[0]
    node.category = name if not prefix or name.startswith("+") else prefix + name


def set_done(node: Node, _text: str, _prefix: str) -> None:
    """``DONE node``."""
    node.done = True


def set_pre_skip(node: Node, text: str, _prefix: str) -> None:
    """``PRE_SKIP node exit_code``."""
    node.pre_skip = integer(_first(text, "PRE_SKIP has no exit code")[0], "PRE_SKIP's exit code")


def set_abort(node: Node, text: str, _prefix: str) -> None:
    """``ABORT-DAG-ON node exit_value [RETURN dag_value]``; ``ANY`` leaves the exit value open."""
    parts = _first(text, "ABORT-DAG-ON has no exit value")
    code = None if parts[0].upper() == "ANY" else integer(parts[0], "ABORT-DAG-ON's exit value")
    answer = None
    if len(parts) >= 3 and parts[1].upper() == "RETURN":
        answer = integer(parts[2], "ABORT-DAG-ON's RETURN value")
    elif len(parts) > 1:
        raise BadCommandError("bad-syntax", f"ABORT-DAG-ON takes only RETURN value, not '{quote(text)}': left out.")
    node.abort_dag_on, node.abort_exit, node.abort_return = text.strip(), code, answer


def set_pre_script(node: Node, text: str, _prefix: str) -> None:
    """``SCRIPT PRE node command``."""
    node.pre_script = text


def set_post_script(node: Node, text: str, _prefix: str) -> None:
    """``SCRIPT POST node command``."""
    node.post_script = text


def set_hold_script(node: Node, text: str, _prefix: str) -> None:
    """``SCRIPT HOLD node command``."""
    node.hold_script = text


class VarsSetter:
    """``VARS node [PREPEND|APPEND] name="value" ...``; equal texts share one dictionary."""

    def __init__(self) -> None:
        self._shared: dict[str, dict[str, str]] = {}

    def __call__(self, node: Node, text: str, _prefix: str) -> None:
        if node.vars:
            node.vars = {**node.vars, **self._parse(text)}
            return
        known = self._shared.get(text)
        if known is None:
            known = self._parse(text)
            if len(text) <= _SHARED_TEXT and len(self._shared) < _SHARED_MAX:
                self._shared[text] = known
        node.vars = known

    def _parse(self, text: str) -> dict[str, str]:
        text = text.strip()
        start = 0
        word = text.split(None, 1)[0].upper() if text else ""
        if word in ("PREPEND", "APPEND"):
            start = len(word)
        found: dict[str, str] = {}
        while match := _VAR.match(text, start):
            value = match[2] if match[2] is not None else match[3]
            found[match[1]] = _ESCAPE.sub(r"\1", value) if match[2] and "\\" in value else value
            start = match.end()
        rest = text[start:].strip()
        if rest or not found:
            kind = "bad-vars" if rest else "incomplete"
            what = f"'{quote(rest)}' is not" if rest else "there is no"
            raise BadCommandError(kind, f'VARS: {what} name="value": command left out.')
        return found


SCRIPTS: dict[str, Setter] = {"PRE": set_pre_script, "POST": set_post_script, "HOLD": set_hold_script}


def setters() -> dict[str, Setter]:
    """Command word (upper and lower case) -> setter; what else people write is found by its upper case."""
    table: dict[str, Setter] = {
        "RETRY": set_retry,
        "VARS": VarsSetter(),
        "PRIORITY": set_priority,
        "CATEGORY": set_category,
        "DONE": set_done,
        "PRE_SKIP": set_pre_skip,
        "ABORT-DAG-ON": set_abort,
        "ABORT_DAG_ON": set_abort,
    }
    return table | {word.lower(): setter for word, setter in table.items()}
