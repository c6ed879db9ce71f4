"""One server that takes events, over one connection that is kept."""

from __future__ import annotations

import gzip
import http.client
import ssl
from typing import Any, Final
from urllib.parse import quote, urlsplit

import msgspec

from stampede.errors import UsageError

#: a request may take so long, in seconds
_TIMEOUT_S: Final = 45.0
#: smaller bodies are not worth packing
_PACK_BYTES: Final = 1024


class Answer(msgspec.Struct, frozen=True):
    """What became of a batch.

    ``stored`` is the number of the last record that the server has; None when it did not say. ``trouble`` says why the
    batch was not taken. ``too_large``: a smaller one may be. ``refused``: nothing is taken until somebody changes
    something (a credential). ``wait_s``: the server asks not to be asked for so long.
    """

    stored: int | None = None
    trouble: str | None = None
    too_large: bool = False
    refused: bool = False
    wait_s: float = 0.0


class _Stored(msgspec.Struct):
    stored: int | None = None
    detail: str | None = None


class Client:
    """Asks one server. ``certificate`` is a file with the certificates that are trusted beside those of the system.

    Raises UsageError for a URL that is none.
    """

    idle_s: float | None = None

    def __init__(self, url: str, *, token: str | None = None, certificate: str | None = None) -> None:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not host:
            raise UsageError(f"{url} is no URL of a server; write http://HOST:PORT or https://HOST:PORT.")
        self.url = url.rstrip("/")
        self._host, self._port = host, port
        self._prefix = parts.path.rstrip("/")
        self._context = ssl.create_default_context(cafile=certificate) if parts.scheme == "https" else None
        self._headers = {"authorization": f"Bearer {token}"} if token else {}
        self._connection: http.client.HTTPConnection | None = None

    def send(self, source: str, first: int, records: list[bytes]) -> Answer:
        """Send records, of which the first has that number. Never raises."""
        body = b"\n".join(records) + b"\n"
        headers = {
            "stampede-source": source, "stampede-sequence": str(first), "content-type": "application/x-ndjson",
        }  # fmt: skip
        if len(body) > _PACK_BYTES:
            body = gzip.compress(body, 1, mtime=0)
            headers["content-encoding"] = "gzip"
        return self._ask("POST", "/api/v1/events", body, headers)

    def stored(self, source: str) -> Answer:
        """How far the records of a source are stored. Never raises."""
        return self._ask("GET", f"/api/v1/events/stored?source={quote(source, safe='')}", None, {})

    def idle(self) -> None:
        """A connection that is not used costs nothing."""

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        try:
            kept = self._connection is not None
            try:
                return self._once(method, path, body, headers)
            except (http.client.HTTPException, ConnectionError):
                self.close()
                if not kept:
                    raise
                return self._once(method, path, body, headers)  # the server had closed a connection that was idle
        except (OSError, http.client.HTTPException, ValueError) as e:
            self.close()
            return Answer(trouble=f"{self.url} cannot be reached: {e or type(e).__name__}")

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        if self._connection is None:
            self._connection = self._connect()
        self._connection.request(method, self._prefix + path, body, {**self._headers, **headers})
        response = self._connection.getresponse()
        data = response.read(1 << 20)
        if response.will_close or not response.isclosed():
            self.close()
        return _answer(response, data)

    def _connect(self) -> http.client.HTTPConnection:
        if self._context is not None:
            return http.client.HTTPSConnection(self._host, self._port, timeout=_TIMEOUT_S, context=self._context)
        return http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT_S)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _answer(response: http.client.HTTPResponse, data: bytes) -> Answer:
    said = _Stored()
    try:
        said = msgspec.json.decode(data, type=_Stored)
    except msgspec.DecodeError:  # something between us and the server answered
        pass
    status = response.status
    if status in (200, 409) and said.stored is not None:
        return Answer(stored=said.stored)
    trouble = f"the server answers {status}: {said.detail or response.reason}"
    if status == 413:
        return Answer(trouble=trouble, too_large=True)
    refused = 300 <= status < 500 and status not in (408, 409, 425, 429)
    return Answer(trouble=trouble, refused=refused, wait_s=_wait(response.headers.get("retry-after")))


def _wait(text: Any) -> float:
    try:
        return min(max(float(text), 0.0), 300.0)
    except (TypeError, ValueError):
        return 0.0
