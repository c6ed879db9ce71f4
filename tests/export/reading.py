"""SVG and HTML read again, as strictly as their readers do."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"
#: a name that tries everything: tags, quotes, control characters, a terminal's escape, text turned around, no Unicode
HOSTILE = '</title><script>alert("1")</script>&<b \x00\x1b[31m\u202e\u200fgnp.exe\ud800\ufffe\u2028 שלום ]]>'
_VOID = frozenset({"meta", "br", "input", "link", "hr", "img"})


def svg(text: str) -> ET.Element:
    """The document; raises ParseError when it is not well-formed. What may not be in a picture is not."""
    root = ET.fromstring(text.encode())
    tags = {e.tag.removeprefix(SVG) for e in root.iter()}
    assert tags <= {"svg", "title", "desc", "style", "defs", "pattern", "rect", "path", "circle", "text", "g"}
    assert not [a for e in root.iter() for a in e.attrib if a.startswith("on") or a.endswith("href")]
    ids = [e.attrib["id"] for e in root.iter() if "id" in e.attrib]
    assert len(ids) == len(set(ids))
    return root


def words(root: ET.Element) -> str:
    """All text of a picture, tooltips too."""
    return "\n".join(e.text or "" for e in root.iter() if e.tag in (f"{SVG}text", f"{SVG}title", f"{SVG}desc"))


class Page(HTMLParser):
    """A page: its tags, ids, text; fails where tags do not match or something is fetched."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in _VOID:
            self._open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            assert name not in ("src", "srcset", "action", "formaction", "data"), (tag, name)
            if name == "id" and value is not None:
                self.ids.append(value)
            if name == "href" and value is not None:
                self.links.append(value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open
        assert self._open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("style", "script"):
            self.text.append(data)


def page(text: str) -> Page:
    """The page, checked: whole tags, ids once, nothing that is fetched from anywhere."""
    found = Page(text)
    assert len(found.ids) == len(set(found.ids))
    outside = re.findall(r"https?://[^\s\"'<)]+", re.sub(r'xmlns="[^"]*"', "", text))
    assert outside == []
    return found
