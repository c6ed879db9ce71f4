"""Names with a slash in paths: ``/jobs/a%2Fb`` is the job ``a/b``.

Servers decode a path before it is looked up, so that a slash of a name would part it in two. Until a path has led to
its handler, such a slash is another character, which no name has.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote

from litestar import Litestar, Request
from litestar.types import Receive, Scope, Send

#: of Unicode's private use area (U+E000 to U+F8FF)
_SLASH: Final = "\ue02f"


class Application(Litestar):
    """An application whose names may have slashes."""

    async def __call__(self, scope: Scope | Any, receive: Receive | Any, send: Send | Any) -> None:
        if scope["type"] == "http" and b"%2f" in scope["raw_path"].lower():
            parts = scope["raw_path"].decode("ascii", "replace").split("/")
            scope["path"] = "/".join(unquote(part).replace("/", _SLASH) for part in parts)
        await super().__call__(scope, receive, send)


async def restore(request: Request[Any, Any, Any]) -> None:
    """Give names back their slashes; called before each handler."""
    scope: Any = request.scope
    if _SLASH in scope["path"]:
        scope["path"] = restored(scope["path"])
        scope["path_params"] = {
            name: restored(value) if isinstance(value, str) else value for name, value in scope["path_params"].items()
        }


def restored(text: str) -> str:
    """A text with its slashes."""
    return text.replace(_SLASH, "/")
