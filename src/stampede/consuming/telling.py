"""Figures for Prometheus: in a file for node_exporter's textfile collector, or over HTTP on loopback."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from stampede.errors import UsageError
from stampede.openmetrics import MEDIA_TYPE

#: the file is written so often, in seconds
_EVERY_S: Final = 5.0


class MetricsFile:
    """A file that is replaced as a whole. Raises UsageError when it cannot be written at the beginning."""

    def __init__(self, path: Path, text: Callable[[], bytes]) -> None:
        self._path, self._text = path, text
        self._next = 0.0
        try:
            self._write()
        except OSError as e:
            raise UsageError(f"{path} cannot be written: {e.strerror}.") from e

    def turn(self) -> None:
        """Write it when it is time to. Never raises: figures are no reason to stop."""
        if time.monotonic() >= self._next:
            try:
                self._write()
            except OSError:
                pass

    def _write(self) -> None:
        self._next = time.monotonic() + _EVERY_S
        new = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        new.write_bytes(self._text())
        os.replace(new, self._path)

    def close(self) -> None:
        """Write it a last time."""
        self._next = 0.0
        self.turn()


class MetricsPort:
    """``/metrics`` on a port of loopback. Raises UsageError when the port is taken."""

    def __init__(self, port: int, text: Callable[[], bytes]) -> None:
        class Handler(BaseHTTPRequestHandler):
            """Answers GET."""

            def do_GET(self) -> None:
                """The figures."""
                body = text() if self.path == "/metrics" else b""
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", MEDIA_TYPE)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Nothing is written about it."""

        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        except OSError as e:
            raise UsageError(f"Port {port} cannot be used for figures: {e.strerror}.") from e
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="stampede-metrics", daemon=True).start()

    def turn(self) -> None:
        """It answers by itself."""

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
