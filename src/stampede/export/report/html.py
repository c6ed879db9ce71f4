"""HTML from values: elements whose text is escaped, and the frame of a page."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources
from typing import Final, NamedTuple

from stampede.export.svg.drawing import safe
from stampede.export.svg.palette import style

#: nothing from the network, no frames, no forms: whatever a name of a job holds
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def text(value: object) -> Html:
    """A value as text of a page; HTML stays as it is."""
    return value if isinstance(value, Html) else Html(safe(str(value)))


def name(value: str) -> Html:
    """A name from outside: in whatever direction it is written, what stands around it is not turned."""
    return Html(f"<bdi>{safe(value)}</bdi>")


def element(tag: str, *content: object, **attributes: str) -> Html:
    """An element; ``class_`` and the like lose their last underscore, others get dashes."""
    given = "".join(f' {k.rstrip("_").replace("_", "-")}="{safe(v)}"' for k, v in attributes.items())
    return Html(f"<{tag}{given}>{''.join(text(c) for c in content)}</{tag}>")


def joined(parts: Iterable[object], between: str = "") -> Html:
    """Parts one after the other."""
    return Html(between.join(text(p) for p in parts))


class Cell(NamedTuple):
    """A cell of a table: what it shows, and by what it is sorted where that is another thing."""

    shown: object
    key: float | str | None = None


def table(columns: list[tuple[str, str]], rows: Iterable[list[Cell]], *, caption: str, id_: str = "") -> Html:
    """A table whose columns can be sorted by a click. ``columns`` are titles and kinds: ``""`` or ``number``."""
    head = joined(
        element("th", element("button", title, type="button"), scope="col", class_=kind) for title, kind in columns
    )
    body = joined(
        Html(f"<tr>{''.join(_cell(cell, kind) for cell, (_, kind) in zip(row, columns, strict=True))}</tr>")
        for row in rows
    )
    inner = joined((element("caption", caption), element("thead", element("tr", head)), element("tbody", body)))
    return element("div", element("table", inner, class_="sortable", **({"id": id_} if id_ else {})), class_="scroll")


def _cell(cell: Cell, kind: str) -> Html:
    given = {"class_": kind} if kind else {}
    if cell.key is not None:
        given["data_key"] = str(cell.key)
    return element("td", cell.shown, **given)


def page(title: str, body: Html) -> str:
    """A whole page."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{safe(title)}</title>\n<style>{_file('style.css')}{style()}</style>\n</head>\n"
        f"<body>\n{body}\n<script>{_file('script.js')}</script>\n</body>\n</html>\n"
    )


def _file(file: str) -> str:
    return resources.files("stampede.export.report").joinpath(file).read_text(encoding="utf-8")
