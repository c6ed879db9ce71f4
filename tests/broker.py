"""A RabbitMQ node of the tests' own: real, on free ports of loopback, with its data in a folder of its own.

It disturbs no other broker on the machine, and can be killed, stopped and started again.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

#: where Debian and the generic packages have the scripts
_PLACES = ("/usr/lib/rabbitmq/bin", "/usr/local/sbin", "/opt/rabbitmq/sbin")
#: a node is up after so long, in seconds, on a machine that has other things to do
_PATIENCE_S = 90.0


def scripts() -> Path | None:
    """The folder with ``rabbitmq-server``; None where none is installed."""
    return next((Path(p) for p in _PLACES if os.access(Path(p) / "rabbitmq-server", os.X_OK)), None)


def _free_port(address: str = "127.0.0.1") -> int:
    with socket.socket() as s:
        s.bind((address, 0))
        return int(s.getsockname()[1])


class Broker:
    """A node. ``plugin``: with the consistent-hash exchange. ``configuration``: a file for it."""

    def __init__(
        self, folder: Path | None = None, *, plugin: bool = True, address: str = "127.0.0.1",
        configuration: Path | None = None,
    ) -> None:  # fmt: skip
        found = scripts()
        assert found is not None
        self._scripts = found
        # a path that is short: it becomes part of names of Erlang
        self.folder = folder or Path(tempfile.mkdtemp(prefix="stampede-mq-"))
        self.address = address
        self.port = _free_port(address)
        (self.folder / "plugins").write_text("[rabbitmq_consistent_hash_exchange]." if plugin else "[].")
        self._environment = {
            **os.environ,
            "HOME": str(self.folder),
            "RABBITMQ_NODENAME": f"stampede-{uuid.uuid4().hex[:8]}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": address,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(_free_port()),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_CONFIG_FILE": str(configuration or self.folder / "none"),
            # one scheduler, no busy waiting: the tests share the machine
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:1 +sbwt none +sbwtdcpu none +sbwtdio none",
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        self.launch()
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            try:
                socket.create_connection((self.address, self.port), 1.0).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError(f"the broker did not start; its log is in {self.folder / 'log'}")

    def launch(self) -> None:
        """Start it; it takes connections somewhat later."""
        self._process = subprocess.Popen(
            [str(self._scripts / "rabbitmq-server")], env=self._environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True, cwd=self.folder,
        )  # fmt: skip

    def control(self, *words: str) -> str:
        """``rabbitmqctl``."""
        done = subprocess.run(
            [str(self._scripts / "rabbitmqctl"), "-q", *words], env=self._environment, capture_output=True, text=True,
            timeout=_PATIENCE_S, check=True,
        )  # fmt: skip
        return done.stdout

    def url(self) -> str:
        """A bus of its own on it: another exchange, with queues of its own."""
        return f"amqp://guest:guest@{self.address}:{self.port}/%2F/t{uuid.uuid4().hex[:10]}"

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def signal(self, number: int) -> None:
        """Send a signal to all its processes."""
        if self._process is not None:
            os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()

    def close(self) -> None:
        """End it, and forget its data."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
