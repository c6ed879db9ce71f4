"""The OpenAPI 3.1 document: Litestar makes it from handlers and structs; here it is made to say what is so.

What Litestar cannot know: times leave as RFC 3339, errors are problems (RFC 9457), rows have only the fields that were
asked for, lists have more forms than JSON, and their filters are the columns of collections.
"""

from __future__ import annotations

import asyncio
import functools
from typing import Any, Final, cast

import msgspec
from litestar import Litestar, Request, Response
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import License

from stampede import __version__
from stampede.query.collections import COLLECTIONS, Collection, Column
from stampede.query.collections.order import MOST_TERMS
from stampede.service.forms import MEDIA
from stampede.service.parameters import TIME_PATTERN
from stampede.service.problems import MEDIA_TYPE

Document = dict[str, Any]
_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
#: names of operations that only tell what comes before an answer: the document leaves them out
_HEAD: Final = "head_"
_ABOUT: Final = """\
Answers about workflows of HTCondor DAGMan and Pegasus. Names are those of the Python API.

**Lists** take conditions as parameters: `?state=failed&duration_s>=60&transformation~=mProject*`. Operators are
`=` (any of `a,b`), `!=`, `<`, `<=`, `>`, `>=`, `~=` (pattern with `*` and `?`) and `!~`; `name=null` asks for what has
no value; all conditions have to hold. The columns that may be asked about are the parameters of each list.
`sort=-duration_s,name` orders, `fields=name,state` selects, `q=text` searches, `limit` and `after` (the `next` of the
page before) turn pages. `format=csv` or the header `Accept` choose another form than JSON.

**Times** are RFC 3339 in UTC, durations seconds, sizes bytes. `as_of` answers as it stood at that time.

**Errors** are `application/problem+json` (RFC 9457). Answers carry an `ETag`: with `If-None-Match` one that has not
changed is a 304. What is asked with GET may be asked with HEAD.
"""


def config() -> OpenAPIConfig:
    """How Litestar makes its part."""
    return OpenAPIConfig(
        title="Stampede", version=__version__, description=_ABOUT, use_handler_docstrings=True, render_plugins=[],
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        operation_id_creator=lambda handler, method, _: _HEAD * (method == "HEAD") + str(handler.handler_name),
    )  # fmt: skip


def document(app: Litestar) -> Document:
    """The document of all routes of an application."""
    made = app.openapi_schema.to_schema()
    schemas: dict[str, Any] = made["components"]["schemas"]
    schemas.update(_problem_schemas())
    for path, item in made["paths"].items():
        item.pop("head", None)
        for method, operation in item.items():
            _operation(method, path, operation)
    for collection in COLLECTIONS.values():
        for name, schema in schemas.items():
            if name.rpartition(".")[2] == collection.item.__name__:
                schema.pop("required", None)
                _noted(schema, collection)
    for schema in schemas.values():
        _dated(schema)
    made["components"]["schemas"] = dict(sorted(schemas.items()))
    made["paths"] = dict(sorted(made["paths"].items()))
    return _short(_tidy(made))


def _problem_schemas() -> dict[str, Any]:
    from stampede.service.intake import Gap
    from stampede.service.problems import Problem

    _, found = msgspec.json.schema_components([Problem, Gap], ref_template="#/components/schemas/{name}")
    return found


# ---- operations -----------------------------------------------------------------------------------------------------


def _operation(method: str, path: str, operation: dict[str, Any]) -> None:
    first, _, _ = operation.get("description", "").partition(".")
    operation["summary"] = first.partition(":")[0]
    responses = {code: r for code, r in operation["responses"].items() if code.startswith(("2", "3"))}
    for response in responses.values():
        response["description"] = "The answer."
    operation["responses"] = {**responses, "default": {
        "description": "What is wrong (RFC 9457).", "content": {MEDIA_TYPE: {"schema": _PROBLEM}},
    }}  # fmt: skip
    for parameter in operation.get("parameters", []):
        _parameter(parameter)
    operation["parameters"] = sorted(operation.get("parameters", []), key=lambda p: p["in"] != "path")
    if not operation["parameters"]:
        del operation["parameters"]
    offered = operation.get("x-forms")
    collection = COLLECTIONS.get(path.rpartition("/")[2])
    if collection is not None and "limit" in {p["name"] for p in operation.get("parameters", [])}:
        _list(operation, collection)
    elif offered is None:
        _only(operation, ["json"])
    if "/pictures/" in path or path.endswith(("/gantt", "/concurrency", "/graph", "/graph/states", "/graph/failures")):
        _picture(operation)
    if "/plot/" in path:
        operation["parameters"] = [p for p in operation["parameters"] if p["name"] != "format"]
    if path.endswith("/stream"):
        _stream(operation)
    if method == "post" and path.endswith("/events"):
        _events_in(operation)
    if path.endswith(("/stdout", "/stderr", "/kickstart", "/submit_file")):
        _output(operation)


def _picture(operation: dict[str, Any]) -> None:
    _only(operation, ["json", "columns"])
    content = operation["responses"]["200"]["content"]
    content[MEDIA["columns"]] = {"schema": {"type": "string", "contentMediaType": MEDIA["columns"]}}


def _parameter(parameter: dict[str, Any]) -> None:
    """Plain: what may be left out is not null in a URL."""
    for key in ("deprecated", "allowEmptyValue", "allowReserved"):
        parameter.pop(key, None)
    schema = parameter["schema"]
    schema.pop("description", None)
    kinds = [one for one in schema.pop("oneOf", []) if one != {"type": "null"}]
    if kinds:
        schema.update(kinds[0])
    if isinstance(schema.get("type"), list):
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
    if "enum" in schema:
        schema["enum"] = [word for word in schema["enum"] if word is not None]
    for bound in ("minimum", "maximum"):
        if bound in schema and schema.get("type") == "integer":
            schema[bound] = int(schema[bound])
    if "exclusiveMinimum" in schema:
        schema["minimum"] = int(schema.pop("exclusiveMinimum")) + 1


def _only(operation: dict[str, Any], forms: list[str]) -> None:
    for parameter in operation.get("parameters", []):
        if parameter["name"] == "format":
            parameter["schema"]["enum"] = forms


def _list(operation: dict[str, Any], collection: Collection) -> None:
    _only(operation, ["json", "csv", "arrow"])
    content = operation["responses"]["200"]["content"]
    content[MEDIA["csv"]] = {"schema": {"type": "string"}}
    content[MEDIA["arrow"]] = {"schema": {"type": "string", "contentMediaType": MEDIA["arrow"]}}
    operation["responses"]["200"]["headers"] = {
        "Link": {"description": 'The next page, as rel="next".', "schema": {"type": "string"}},
        "ETag": {"description": "Differs when the answer does.", "schema": {"type": "string"}},
    }
    if not (collection.search or any(c.searched for c in collection.columns)):
        operation["parameters"] = [p for p in operation["parameters"] if p["name"] != "q"]
    for parameter in operation["parameters"]:
        if parameter["name"] in ("sort", "fields"):
            names = [c.name for c in collection.columns if c.sortable or parameter["name"] == "fields"]
            signed = [f"-{n}" for n in names] if parameter["name"] == "sort" else []
            most = {"maxItems": MOST_TERMS} if signed else {}
            parameter["schema"] = {"type": "array", "items": {"enum": [*names, *signed]}, "minItems": 1, **most}
            parameter["style"], parameter["explode"] = "form", False
    taken = {p["name"] for p in operation["parameters"]}
    operation["parameters"] += [_filter(c) for c in collection.filterable.values() if c.name not in taken]


#: a bare value of text: see stampede.query.filters
_BARE = r'[ \t\r\n]*([^ \t\r\n",<>=~!][^",]*)?'


def _filter(column: Column) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "text": {"type": "string", "pattern": f"^{_BARE}(,{_BARE})*$"},
        "integer": {"type": "integer", "minimum": -(2**63) + 1, "maximum": 2**63 - 1},
        "number": {"type": "number"},
        "time": {"type": "string", "pattern": TIME_PATTERN},
        "boolean": {"type": "boolean"},
        "exit": {"type": "string", "pattern": "^([0-9]{1,3}|SIG(KILL|TERM|SEGV|ABRT|INT|HUP|XCPU|BUS)(\\+core)?)$"},
    }
    if column.words:
        schema: dict[str, Any] = {"enum": [*column.words, "null"]}
    else:
        schema = kinds[column.kind]
        number = [{"type": "number"}] if column.kind == "time" else []
        schema = schema if column.kind == "text" else {"anyOf": [schema, *number, {"enum": ["null"]}]}
    return {
        "name": column.name, "in": "query", "required": False, "description": f"filter: {column.note}",
        "schema": schema,
    }  # fmt: skip


def _stream(operation: dict[str, Any]) -> None:
    text = {"type": "string", "description": "server-sent events (https://html.spec.whatwg.org/#server-sent-events)"}
    operation["responses"]["200"] = {
        "description": "What happens, until one of both ends it.", "content": {"text/event-stream": {"schema": text}},
    }  # fmt: skip
    operation.setdefault("parameters", []).append(
        {"name": "Last-Event-ID", "in": "header", "required": False, "description": "go on behind this event",
         "schema": {"type": "string"}}
    )  # fmt: skip


def _events_in(operation: dict[str, Any]) -> None:
    """The body is read as it is, and so is its packing: of neither does Litestar know."""
    text = {"schema": {"type": "string", "minLength": 1}}
    operation["requestBody"] = {
        "required": True, "description": "Records, one a line; each line tells by itself which of both forms it has.",
        "content": {"application/x-ndjson": text, "text/plain": text},
    }  # fmt: skip
    operation["parameters"].append(
        {"name": "Content-Encoding", "in": "header", "required": False, "description": "how the body is packed",
         "schema": {"enum": ["gzip", "zstd", "deflate", "identity"]}}
    )  # fmt: skip
    operation["responses"]["409"] = {
        "description": "Records before these are missing; `stored` is the number of the last that is there.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Gap"}}},
    }  # fmt: skip


def _output(operation: dict[str, Any]) -> None:
    text = {"content": {"text/plain": {"schema": {"type": "string"}}}}
    operation["responses"] = {
        "200": {"description": "All of it, or what `tail` asks for.", **text},
        "206": {"description": "The bytes that the header Range asks for.", **text},
        "default": operation["responses"]["default"],
    }
    operation["parameters"] = [p for p in operation["parameters"] if p["name"] != "format"] + [
        {"name": "Range", "in": "header", "required": False, "description": "bytes=0-499, bytes=500-, bytes=-500",
         "schema": {"type": "string"}},
    ]  # fmt: skip


# ---- schemas --------------------------------------------------------------------------------------------------------


def _dated(schema: Any) -> None:
    """Times are text in JSON; a number only where no calendar has them."""
    if isinstance(schema, list):
        for one in schema:
            _dated(one)
    if not isinstance(schema, dict):
        return
    for name, value in schema.get("properties", {}).items():
        if name.endswith("_ts") or name == "ts":
            kinds: list[Any] = [{"type": "string", "format": "date-time"}, {"type": "number"}]
            note = {"description": value["description"]} if "description" in value else {}
            schema["properties"][name] = {**note, "anyOf": kinds + [{"type": "null"}] * ("null" in str(value))}
    for value in schema.values():
        _dated(value)


def _noted(schema: dict[str, Any], collection: Collection) -> None:
    for name, value in schema.get("properties", {}).items():
        if name in collection.by_name:
            value["description"] = collection.by_name[name].note


def _tidy(value: Any) -> Any:
    """The same without what says nothing, and with one way to write what may be null."""
    if isinstance(value, list):
        return [_tidy(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {k: _tidy(v) for k, v in value.items() if not (k in ("required", "headers") and v in ([], {}))}
    kinds = found.get("oneOf")
    if isinstance(kinds, list) and kinds[-1:] == [{"type": "null"}] and len(kinds) == 2 and set(kinds[0]) == {"type"}:
        found["type"] = [kinds[0]["type"], "null"]
        del found["oneOf"]
    return found


def _short(made: Document) -> Document:
    """Names of schemas without those of modules: JobItem, Page_JobItem."""
    names = {name: _plain(name) for name in made["components"]["schemas"]}
    if len(set(names.values())) < len(names):
        counted = list(names.values())
        names = {name: plain if counted.count(plain) == 1 else name for name, plain in names.items()}
    text = msgspec.json.encode(made).decode()
    for name, plain in sorted(names.items(), key=lambda pair: -len(pair[0])):
        text = text.replace(f'"#/components/schemas/{name}"', f'"#/components/schemas/{plain}"')
    found: Document = msgspec.json.decode(text)
    found["components"]["schemas"] = {names[n]: s for n, s in found["components"]["schemas"].items()}
    return found


def _plain(name: str) -> str:
    outer, _, inner = name.partition("_")
    last = (inner or outer).rstrip("_").rpartition(".")[2]
    return f"{outer.rpartition('.')[2]}_{last}" if inner else last


# ---- served ---------------------------------------------------------------------------------------------------------


@functools.cache
def _encoded(app: Litestar) -> tuple[bytes, bytes]:
    from stampede.service.documentation import page

    found = document(app)
    return msgspec.json.encode(found), page(found).encode()


async def openapi(request: Request[Any, Any, Any]) -> Response[Document]:
    """This document, as JSON."""
    body, _ = await asyncio.to_thread(_encoded, request.app)
    return cast("Response[Document]", Response(body, media_type="application/json"))


async def documentation(request: Request[Any, Any, Any]) -> Response[str]:
    """This document, for people."""
    _, body = await asyncio.to_thread(_encoded, request.app)
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    made = Response(body, media_type="text/html", headers={"content-security-policy": policy})
    return cast("Response[str]", made)
