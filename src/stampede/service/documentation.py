"""The OpenAPI document as a page for people: plain HTML without scripts, so that it works without an internet."""

from __future__ import annotations

from html import escape
from typing import Any, Final

_NOTHING: Final[dict[str, Any]] = {}
_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --dim: #777; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line) } code, pre { font-family: ui-monospace, monospace }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: .4rem .8rem }
summary { cursor: pointer } summary b { font-family: ui-monospace, monospace; font-weight: 600 }
summary i, td i { color: var(--dim); font-style: normal } table { border-collapse: collapse; width: 100% }
td { border-top: 1px solid var(--line); padding: .2rem .6rem .2rem 0; vertical-align: top }
td:first-child { white-space: nowrap; font-family: ui-monospace, monospace }
@media (max-width: 40rem) { td { display: block; border: 0; padding: 0 } tr { display: block;
border-top: 1px solid var(--line) } }
"""


def page(document: dict[str, Any]) -> str:
    """The whole page."""
    info = document["info"]
    groups: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_operation(method, path, operation))
    body = "".join(f"<h2>{escape(tag.capitalize())}</h2>{''.join(parts)}" for tag, parts in sorted(groups.items()))
    schemas = "".join(_schema(name, schema) for name, schema in document["components"]["schemas"].items())
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(info['title'])} API</title><style>{_STYLE}</style><h1>{escape(info['title'])} API "
        f'{escape(info["version"])}</h1>{_text(info.get("description", ""))}<p><a href="openapi.json">The same as '
        f"OpenAPI {escape(document['openapi'])}</a></p>{body}<h2>Structures</h2>{schemas}</html>"
    )


def _text(markdown: str) -> str:
    """Paragraphs with `code` and **bold**, which is all that our texts have."""
    found = []
    for block in markdown.strip().split("\n\n"):
        pieces = escape(block).split("`")
        html = "".join(f"<code>{p}</code>" if n % 2 else p for n, p in enumerate(pieces))
        bold = html.split("**")
        found.append("<p>" + "".join(f"<b>{p}</b>" if n % 2 else p for n, p in enumerate(bold)) + "</p>")
    return "".join(found)


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{escape(p['name'])}</td><td><i>{escape(_kind(p['schema']))}</i></td>"
        f"<td>{escape(p.get('description', ''))}</td></tr>"
        for p in operation.get("parameters", [])
    )
    content: dict[str, Any] = operation["responses"].get("200", {}).get("content", {})
    answers = ", ".join(sorted(content))
    shape = _kind(next(iter(content.values()), _NOTHING).get("schema", {}))
    text = _text(operation.get("description", ""))
    return (
        f"<details><summary><b>{method.upper()} {escape(path)}</b> <i>{escape(operation.get('summary', ''))}</i>"
        f"</summary>{text}<p>Answers <i>{escape(shape)}</i> as {escape(answers)}.</p>"
        f"<table>{rows}</table></details>"
    )


def _schema(name: str, schema: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{escape(n)}</td><td><i>{escape(_kind(s))}</i></td></tr>"
        for n, s in schema.get("properties", {}).items()
    )
    about = _text(schema.get("description", ""))
    return (
        f'<details id="{escape(name)}"><summary><b>{escape(name)}</b></summary>{about}<table>{rows}</table></details>'
    )


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        words = [str(w) for w in schema["enum"]]
        return " | ".join(words[:12]) + (" | …" if len(words) > 12 else "")
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(_kind(one) for one in schema[key]))
    kind = schema.get("type", "")
    if kind == "array" or "items" in schema:
        return f"list of {_kind(schema.get('items', {}))}"
    kinds = kind if isinstance(kind, list) else [kind]
    return " or ".join(kinds) + (f" ({schema['format']})" if "format" in schema else "")
