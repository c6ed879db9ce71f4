"""Why a request goes no further, as an exception and as an answer."""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from stampede.service.problems import MEDIA_TYPE, Problem

_JSON = msgspec.json.Encoder()


class RefusedError(Exception):
    """A request is not answered: status and last word of the problem's type, a sentence for who asked, headers."""

    def __init__(self, status: int, kind: str, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def body(self, path: str) -> bytes:
        """The problem (RFC 9457)."""
        harmless = path.encode("utf-8", "backslashreplace").decode()[:2000]
        title = HTTPStatus(self.status).phrase
        found = Problem(
            type=f"/problems/{self.kind}", title=title, status=self.status, detail=self.detail, instance=harmless
        )
        return _JSON.encode(found)

    def fields(self, length: int) -> list[tuple[bytes, bytes]]:
        """The headers of the answer."""
        every = {"content-type": MEDIA_TYPE, "content-length": str(length), "cache-control": "no-store", **self.headers}
        return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in every.items()]
