"""The dashboard: what the browser runs (built from ``web/``), and the page that all its addresses begin with.

These are the same files for everybody and hold nothing of anybody's workflows: they are given without a credential, and
what they ask below ``/api/v1`` is not.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from litestar.params import PathParameter

from stampede.service.problems import ProblemError

#: where the build of ``web/`` lies; in a wheel always, in a checkout after ``make web``
STATIC: Final = Path(__file__).with_name("static")
#: what browsers keep: names below ``/assets`` carry a hash of what is inside; the others are asked for each time
_KEPT: Final = "public, max-age=31536000, immutable"
_ASKED: Final = "no-cache"
_PACKED: Final = (".js", ".css", ".html", ".svg")
_LACKING: Final = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Stampede</title>
<h1>The dashboard is not built</h1><p>In a checkout, <code>make web</code> builds it (Node 20 or newer).
<p><a href="/api/v1/docs">What the service answers</a></html>"""


class Asset(msgspec.Struct, frozen=True):
    """A file in memory: as it is, and packed where that pays."""

    media_type: str
    content: bytes
    packed: bytes | None
    etag: str
    cache: str


async def page(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The page of every address of the dashboard: what it shows, it finds out from its address."""
    asset = _assets().get("index.html")
    if asset is None:
        return Response(_LACKING, media_type="text/html; charset=utf-8", status_code=503)
    return _answer(request, asset)


async def asset(
    request: Request[Any, Any, Any],
    name: Annotated[str, PathParameter(description="its name, with a hash")],
) -> Response[bytes]:
    """A script or style of the dashboard."""
    return _named(request, f"assets/{name}")


async def icon(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The picture in the tab."""
    return _named(request, "icon.svg")


async def theme(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Light or dark, before the first paint."""
    return _named(request, "theme.js")


def is_open(path: str) -> bool:
    """Whether a path is one of these files, which are the same for everybody."""
    return path in ("/", "/icon.svg", "/theme.js") or path.startswith(("/assets/", "/workflows/"))


def _named(request: Request[Any, Any, Any], name: str) -> Response[bytes]:
    asset = _assets().get(name)
    if asset is None:
        raise ProblemError(404, "not-found", "There is no such file of the dashboard. Reload the page.")
    return _answer(request, asset)


def _answer(request: Request[Any, Any, Any], asset: Asset) -> Response[bytes]:
    headers = {"etag": asset.etag, "cache-control": asset.cache, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == asset.etag:
        return Response(b"", status_code=304, headers=headers, media_type=asset.media_type)
    if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(asset.packed, headers=headers, media_type=asset.media_type)
    return Response(asset.content, headers=headers, media_type=asset.media_type)


@lru_cache(maxsize=1)
def _assets() -> dict[str, Asset]:
    """All files of the build by their path below it, read once: no path of a request reaches the disk."""
    return {str(path.relative_to(STATIC)): _read(path) for path in sorted(STATIC.rglob("*")) if path.is_file()}


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = gzip.compress(content, 9, mtime=0) if path.suffix in _PACKED else None
    return Asset(
        media_type=kind,
        content=content, packed=packed, etag=f'"{hashlib.sha256(content).hexdigest()[:24]}"',
        cache=_KEPT if path.parent.name == "assets" else _ASKED,
    )  # fmt: skip
