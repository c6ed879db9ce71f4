"""Whether a service answers, asked from outside."""

from __future__ import annotations

import http.client
import ssl
import time
from urllib.parse import urlsplit

from stampede.errors import StampedeError, UsageError


class UnreachableError(StampedeError):
    """A service does not answer, or says that it cannot."""

    exit_code = 4


def ready_after_s(url: str, *, timeout_s: float) -> float:
    """How long a service took to say that it is ready, in seconds. Raises UsageError, or UnreachableError."""
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if parts.scheme not in ("http", "https") or not host:
        raise UsageError(f"--url {url}: write http://HOST:PORT or https://HOST:PORT.")
    began = time.monotonic()
    connection = (
        http.client.HTTPSConnection(host, port, timeout=timeout_s, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=timeout_s)
    )
    try:
        connection.request("GET", parts.path.rstrip("/") + "/readyz")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as e:
        raise UnreachableError(f"{url} does not answer: {e}.") from e
    finally:
        connection.close()
    if status != 200:
        raise UnreachableError(f"{url} says that it is not ready (status {status}).")
    return time.monotonic() - began
