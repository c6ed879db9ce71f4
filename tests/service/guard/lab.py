"""A real service in a process of its own, and what asks it: requests as bytes, so that wrong ones can be sent too."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

#: a service whose limits are set, which the verb has no options for
_SET = """
import json, sys, msgspec
from stampede.service.port import listening
from stampede.service.serving import Service
from stampede.service.settings import Settings
settings = msgspec.convert(json.loads(sys.argv[1]), Settings)
service = Service(settings, listening(settings.host, 0))
print(json.dumps({"url": service.url}), flush=True)
service.run()
"""
COMMAND = [sys.executable, "-m", "stampede.cli.main"]


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Service:
    """``stampede serve`` with a state folder of its own, or a service with some settings; ended with the block."""

    def __init__(self, state: Path, *arguments: str, settings: Mapping[str, Any] | None = None) -> None:
        self.state = state
        self.env = {**os.environ, "STAMPEDE_STATE": str(state)}
        self.env.pop("STAMPEDE_DB", None)
        command = [*COMMAND, "serve", "--port", "0", "--json", *arguments]
        if settings is not None:
            command = [sys.executable, "-c", _SET, json.dumps(settings)]
        self._process = subprocess.Popen(
            command, env=self.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=state,
        )  # fmt: skip
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            _, said = self._process.communicate(timeout=20)
            raise AssertionError(f"it did not start: {said.decode()}")
        self.told = json.loads(line)
        self.url: str = self.told["url"]
        self.port = int(self.url.rpartition(":")[2])
        self.pid = self._process.pid

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *exc: object) -> None:
        self.end()

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """End it by a signal; its exit code, and what it said on stderr."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        if self._process.stdout is not None and self._process.stdout.closed:
            return self._process.returncode, ""
        try:
            _, said = self._process.communicate(timeout=20)
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.communicate()
        return self._process.returncode, said.decode()

    def ask(
        self, path: str, method: str = "GET", *, token: str | None = None, body: bytes | None = None,
        tls: ssl.SSLContext | None = None, **headers: str,
    ) -> Answer:  # fmt: skip
        """One request; names of headers have ``_`` for ``-``."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            fields["Authorization"] = f"Bearer {token}"
        connection = (
            http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=tls)
            if tls is not None
            else http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        )
        try:
            connection.request(method, path, body=body, headers=fields)
            got = connection.getresponse()
            return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
        finally:
            connection.close()

    def raw(self, data: bytes = b"") -> socket.socket:
        """A connection on which some bytes were sent."""
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        opened.sendall(data)
        return opened

    def stampede(self, *arguments: str, given: str = "") -> str:
        """Another verb in the same state folder; what it prints."""
        done = subprocess.run(
            [*COMMAND, *arguments], env=self.env, input=given, capture_output=True, text=True, timeout=60, check=True,
            cwd=self.state,
        )  # fmt: skip
        return done.stdout

    def audit(self) -> list[dict[str, Any]]:
        """The audit log."""
        return [json.loads(line) for line in (self.state / "service" / "audit.jsonl").read_text().splitlines()]

    def log(self) -> str:
        """Everything in the state folder that is text, joined: where a secret must not be."""
        return "\n".join(p.read_text(errors="replace") for p in self.state.rglob("*") if p.is_file())


def read_all(opened: socket.socket) -> bytes:
    """Until the other end closes, or cuts; closes this end."""
    data = b""
    try:
        while piece := opened.recv(65536):
            data += piece
    except ConnectionResetError:
        pass
    finally:
        opened.close()
    return data


def cookie_of(answer: Answer) -> str:
    """``name=value`` of the cookie that an answer sets."""
    return re.split(";", answer.headers["set-cookie"])[0]
