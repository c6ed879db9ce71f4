"""A real server process for tests: started, killed, started again at the same port."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

_CODE = """
import sys, json, pathlib, uvicorn, msgspec
from stampede.service.app import make_app
from stampede.service.settings import Settings
given = json.loads(sys.argv[1])
settings = msgspec.convert(given, Settings)
app = make_app(settings)

class Ending(uvicorn.Server):
    def handle_exit(self, *what):
        super().handle_exit(*what)
        app.state.live.end()

Ending(uvicorn.Config(app, host=settings.host, port=settings.port, log_level="warning", access_log=False,
                      timeout_graceful_shutdown=5)).run()
"""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Server:
    """``with Server(databases=[url]) as server``: ``server.url`` is where it listens."""

    def __init__(self, *, prefix: list[str] | None = None, **settings: Any) -> None:
        self.settings: dict[str, Any] = {"host": "127.0.0.1", "port": free_port(), **settings}
        self._prefix = prefix or []
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{self.settings['host']}:{self.settings['port']}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        self._process = subprocess.Popen(
            [*self._prefix, sys.executable, "-c", _CODE, json.dumps(self.settings)], env=env, start_new_session=True
        )
        until = time.monotonic() + 90
        while time.monotonic() < until and self._process.poll() is None:
            if self._answers():
                return
            time.sleep(0.05)
        raise AssertionError("the server did not start")

    def _answers(self) -> bool:
        if self._prefix:
            done = subprocess.run(
                [*self._prefix, sys.executable, "-c", "import socket, sys; "
                 "socket.create_connection((sys.argv[1], int(sys.argv[2])), 1)",
                 self.settings["host"], str(self.settings["port"])], capture_output=True, check=False,
            )  # fmt: skip
            return done.returncode == 0
        try:
            socket.create_connection((self.settings["host"], self.settings["port"]), 1).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """As a power cut for the process."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and decoded body of one request."""
        connection = http.client.HTTPConnection(self.settings["host"], self.settings["port"], timeout=30)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(data) if data else None

    def send(self, source: str, first: int, body: bytes, **headers: str) -> tuple[int, Any]:
        """A batch of events."""
        named = {"stampede-source": source, "stampede-sequence": str(first)}
        return self.ask(
            "POST", "/api/v1/events", body, {**named, **{k.replace("_", "-"): v for k, v in headers.items()}}
        )

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
