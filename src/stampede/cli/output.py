"""Printing: JSON for programs, tables and text for people.

Colours and widths are those of the terminal; NO_COLOR is honoured; a pipe gets plain text of any width (COLUMNS limits
it). rich is imported by what prints for people only, so that ``--json`` does not wait for it.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click
import msgspec

from stampede.cli.text import clean, masked, rfc3339

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

#: how each state is coloured
STYLES = {
    "success": "green", "done": "green", "failed": "bold red", "removed": "bold red", "lost": "bold red",
    "halted": "yellow", "running": "cyan", "queued": "cyan", "pre": "cyan", "post": "cyan", "held": "magenta",
    "futile": "red", "ready": "", "unready": "dim", "unstarted": "dim",
}  # fmt: skip


def print_json(value: Any) -> None:
    """One JSON document: structs as objects, ``*_ts`` as RFC 3339 in UTC, ``*_s`` seconds; no password of a URL."""
    data = dated(value)
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(data), indent=1) + b"\n")


def print_json_line(value: Any) -> None:
    """The same as one line, written at once."""
    sys.stdout.buffer.write(msgspec.json.encode(dated(value)) + b"\n")
    sys.stdout.buffer.flush()


def dated(value: Any) -> Any:
    """A struct as JSON has it."""
    return _dated(msgspec.to_builtins(value, str_keys=True))


def _dated(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: rfc3339(v) if _is_time(k, v) else _dated(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_dated(v) for v in value]
    if isinstance(value, str):
        return masked(value.encode("utf-8", "replace").decode())  # a lone surrogate has no place in JSON
    return value


def _is_time(key: str, value: Any) -> bool:
    return (key.endswith("_ts") or key == "ts") and isinstance(value, int | float)


def console(*, err: bool = False) -> Console:
    """Where people read: as wide as the terminal; without one as wide as it takes."""
    from rich.console import Console

    stream = sys.stderr if err else sys.stdout
    width = None if stream.isatty() else int(os.environ.get("COLUMNS") or 0) or 10_000
    return Console(file=stream, highlight=False, markup=False, emoji=False, width=width)


def show(*parts: RenderableType, wrap: bool = True) -> None:
    """Print, without blanks at the ends of lines. Without ``wrap`` a long line stays one, so that it can be copied."""
    out = console()
    with out.capture() as caught:
        for part in parts:
            out.print(part, soft_wrap=not wrap)
    text = "\n".join(line.rstrip() for line in caught.get().split("\n"))
    try:
        click.echo(text, nl=False, color=True if out.is_terminal else None)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        click.echo(text.encode(encoding, "replace").decode(encoding), nl=False)


def width() -> int:
    """Columns of the terminal; 100 without one."""
    return terminal_width() or 100


def terminal_width() -> int | None:
    """Columns of the terminal; None without one, where lines may be as long as they are."""
    known = console().width
    return None if known > 1000 else known


def text(*pieces: str | tuple[str, str]) -> Text:
    """Pieces of text, each plain or with a style; control characters are made visible."""
    from rich.text import Text

    return Text.assemble(*((clean(p), "") if isinstance(p, str) else (clean(p[0]), p[1]) for p in pieces))


def state(word: str) -> Text:
    """A state in its colour."""
    return text((word, STYLES.get(word, "")))


def table(*columns: str, right: tuple[str, ...] = (), short: tuple[str, ...] = ()) -> Table:
    """An empty table: ``right`` columns are numbers, ``short`` ones give way first when the terminal is narrow."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in columns:
        made.add_column(
            name.upper(), justify="right" if name in right else "left", overflow="ellipsis", no_wrap=name not in short,
            min_width=10 if name in short else None,
        )  # fmt: skip
    return made


def facts(rows: list[tuple[str, str | Text]], *, indent: int = 0) -> Table:
    """``name  value`` lines; long values are wrapped under themselves."""
    from rich.table import Table

    made = Table.grid(padding=(0, 2, 0, 0))
    if indent:
        made.add_column(width=max(indent - 2, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        cells: list[Any] = [name, text(value) if isinstance(value, str) else value]
        made.add_row(*([""] if indent else []), *cells)
    return made


def hint(message: str) -> None:
    """A way to go on, dimmed; nothing when -q was given."""
    from stampede.cli.options import VERBOSE

    if not VERBOSE.quiet:
        show(text((message, "dim")), wrap=False)


def warn(message: str) -> None:
    """One line on stderr."""
    click.echo(f"stampede: {clean(message)}", err=True)


def utf8() -> bool:
    """Whether the terminal can show more than ASCII."""
    return (sys.stdout.encoding or "").lower().replace("-", "") in ("utf8", "utf16", "cp65001")


def abandon_stdout() -> None:
    """The reader of a pipe has gone: nothing more can be written, and Python must not try when it ends."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        pass
