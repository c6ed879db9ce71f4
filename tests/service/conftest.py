"""Fixtures of the service: databases of recorded runs, the application in this process, and a real server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from litestar.testing import TestClient

from stampede.pipeline import load
from stampede.places import url_of
from stampede.service.app import make_app
from stampede.service.settings import Settings

#: a real Pegasus run with a job that failed
PEGASUS = "4c58fd30-924d-43b2-a70e-a0c97f5f7d5b"
FAILED_JOB = "findrange_ID0000003"


@pytest.fixture(scope="session")
def urls(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two databases: one with a Pegasus run, one with two DAGMan runs, of which one has sub-workflows."""
    folder = tmp_path_factory.mktemp("databases")
    found = [url_of(folder / "pegasus.sqlite"), url_of(folder / "dagman.sqlite")]
    load([corpus / "pg_fail"], found[0])
    load([corpus / "dm_e_subdag" / "dm_e_subdag.dag.dagman.out"], found[1])
    load([corpus / "dm_g_hold"], found[1])
    return found


@pytest.fixture(scope="session")
def client(urls: list[str]) -> Iterator[TestClient]:
    """The application in this process."""
    with TestClient(make_app(Settings(databases=tuple(urls))), raise_server_exceptions=False) as found:
        yield found


@pytest.fixture
def workflow() -> str:
    """The path of the Pegasus run."""
    return f"/api/v1/workflows/{PEGASUS}"


_SERVE = """
import sys, uvicorn
from stampede.service.app import make_app
from stampede.service.settings import Settings
app = make_app(Settings(databases=tuple(sys.argv[2:])))
uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", timeout_keep_alive=2, http="httptools")
"""


class Server:
    """A server process of its own."""

    def __init__(self, urls: list[str], port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen([sys.executable, "-c", _SERVE, str(port), *urls])

    def wait(self) -> None:
        """Until it answers."""
        for _ in range(300):
            try:
                urlopen(self.url + "/api/v1", timeout=5).close()
            except OSError:
                if self.process.poll() is not None:
                    raise
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("the server does not answer")

    def memory_kb(self) -> int:
        """Resident memory now."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0])

    def stop(self) -> None:
        """End it."""
        os.kill(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    """A port that nobody uses now."""
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def server(urls: list[str]) -> Iterator[Server]:
    """A running server of the two databases."""
    found = Server(urls, free_port())
    try:
        found.wait()
        yield found
    finally:
        found.stop()
