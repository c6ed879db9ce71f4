"""Servers of our own: PostgreSQL, MariaDB, RabbitMQ, each with its data on a disk of its own, to be killed at will."""

from __future__ import annotations

import glob
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from bench.faults.volume import Volume
from tests.broker import Broker

#: a server that was started answers after so long at most, in seconds, on a machine that has other things to do
_PATIENCE_S: Final = 90.0
#: sizes of the disks
_DATABASE_MB, _BROKER_MB = 420, 200


class Server:
    """A database server at an address."""

    kind = ""
    user = ""

    def __init__(self, folder: Path, address: str) -> None:
        self.address = address
        self.port = _free_port(address)
        self.volume = Volume(folder, _DATABASE_MB)
        self.folder = folder
        self._log = folder.with_name(f"{folder.name}.log")
        shutil.chown(folder, self.user)
        self._prepare()
        self._process: subprocess.Popen[bytes] | None = None
        self.start()
        try:
            self.await_answer()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        raise NotImplementedError

    def _command(self) -> list[object]:
        raise NotImplementedError

    def administer(self, statement: str) -> None:
        """Run a statement outside of any database of ours."""
        raise NotImplementedError

    def make(self, name: str) -> None:
        """Make a database."""
        raise NotImplementedError

    def drop(self, name: str) -> None:
        """Drop a database, whoever uses it."""
        raise NotImplementedError

    def url(self, name: str) -> str:
        """A database on it."""
        raise NotImplementedError

    def standing(self) -> str:
        """What its sessions are at, for people."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it; it answers somewhat later."""
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)  # of one that was killed
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                list(map(str, self._command())), stdout=log, stderr=log, start_new_session=True, cwd="/",
                user=self.user, group=self.user, extra_groups=[],
            )  # fmt: skip

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def revive(self) -> None:
        """Start it when it does not run: the run before may have ended first."""
        if not self.alive:
            self.start()
        self.await_answer()

    def answers(self) -> bool:
        """Whether it takes questions."""
        try:
            self.administer("SELECT 1")
        except Exception:
            return False
        return True

    def await_answer(self) -> None:
        """Wait until it does. Raises TimeoutError."""
        until = time.monotonic() + _PATIENCE_S
        while not self.answers():
            if time.monotonic() > until:
                raise TimeoutError(f"{self.kind} did not start; its log is {self._log}")
            time.sleep(0.1)

    def signal(self, number: int) -> None:
        """Send a signal to all its processes."""
        if self._process is not None and self.alive:
            for pid in [self._process.pid, *_children(self._process.pid)]:
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    pass

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None and self.alive:
            self.signal(signal.SIGKILL)
            self._process.wait()
            time.sleep(0.1)  # what it had forked is gone then

    def close(self) -> None:
        """End it, and forget its data."""
        self.kill()
        self.volume.close()


class Postgres(Server):
    """PostgreSQL."""

    kind, user = "postgresql", "postgres"

    def _prepare(self) -> None:
        self._programs = Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
        subprocess.run(["runuser", "-u", self.user, "--", self._programs / "initdb", "-D", self.folder / "data", "-A",
                        "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"],
                       check=True, capture_output=True, cwd="/")  # fmt: skip
        with open(self.folder / "data" / "pg_hba.conf", "a") as file:
            file.write("host all all 10.0.0.0/8 trust\n")

    def _command(self) -> list[object]:
        return [self._programs / "postgres", "-D", self.folder / "data", "-p", self.port, "-h", self.address,
                "-k", self.folder, "-c", "shared_buffers=32MB", "-c", "max_wal_size=96MB",
                "-c", "min_wal_size=32MB", "-c", "autovacuum_naptime=60"]  # fmt: skip

    def _connected(self) -> Any:
        import psycopg

        return psycopg.connect(
            host=self.address, port=self.port, user="postgres", dbname="postgres", autocommit=True, connect_timeout=3,
            options="-c statement_timeout=60000",
        )  # fmt: skip

    def administer(self, statement: str) -> None:
        with self._connected() as connection:
            connection.execute(statement)

    def make(self, name: str) -> None:
        self.administer(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")

    def drop(self, name: str) -> None:
        self.administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@{self.address}:{self.port}/{name}"

    def standing(self) -> str:
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT pid, datname, client_addr, client_port, state, wait_event_type, wait_event, "
                "now() - state_change, left(query, 120), pg_blocking_pids(pid) FROM pg_stat_activity "
                "WHERE backend_type = 'client backend'"
            )
            return "\n".join(map(str, rows))


class Maria(Server):
    """MariaDB."""

    kind, user = "mariadb", "mysql"

    def _prepare(self) -> None:
        subprocess.run(["runuser", "-u", self.user, "--", "mariadb-install-db", "--no-defaults",
                        f"--datadir={self.folder / 'data'}", "--auth-root-authentication-method=normal",
                        "--skip-test-db"], check=True, capture_output=True, cwd="/")  # fmt: skip
        self._grants = self.folder / "grants.sql"
        self._grants.write_text(  # a statement a line
            "CREATE USER IF NOT EXISTS 'root'@'10.%';\nGRANT ALL ON *.* TO 'root'@'10.%' WITH GRANT OPTION;\n"
        )
        self._grants.chmod(0o644)

    def _command(self) -> list[object]:
        return ["/usr/sbin/mariadbd", "--no-defaults", f"--datadir={self.folder / 'data'}", f"--port={self.port}",
                f"--bind-address={self.address}", f"--socket={self.folder / 'socket'}",
                f"--pid-file={self.folder / 'pid'}", f"--init-file={self._grants}", "--skip-name-resolve",
                "--innodb-log-file-size=16M", "--innodb-buffer-pool-size=32M", "--innodb-flush-method=fsync",
                "--innodb-flush-log-at-trx-commit=1", "--innodb-print-all-deadlocks=1"]  # fmt: skip

    def _connected(self) -> Any:
        import pymysql

        return pymysql.connect(
            host=self.address, port=self.port, user="root", autocommit=True, connect_timeout=3, read_timeout=60
        )  # fmt: skip

    def administer(self, statement: str) -> None:
        with self._connected() as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def make(self, name: str) -> None:
        self.administer(f"CREATE DATABASE {name}")

    def drop(self, name: str) -> None:
        with self._connected() as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM information_schema.processlist WHERE db = '{name}'")
            for (number,) in cursor.fetchall():
                try:
                    cursor.execute(f"KILL {number}")
                except Exception:
                    pass
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")

    def url(self, name: str) -> str:
        return f"mysql+pymysql://root@{self.address}:{self.port}/{name}"

    def standing(self) -> str:
        with self._connected() as connection, connection.cursor() as cursor:
            cursor.execute("SHOW FULL PROCESSLIST")
            found = "\n".join(map(str, cursor.fetchall()))
            cursor.execute("SELECT * FROM information_schema.innodb_trx")
            return found + "\n" + "\n".join(map(str, cursor.fetchall()))


class Rabbit(Broker):
    """RabbitMQ, with its data on a disk of its own."""

    kind = "rabbitmq"

    def __init__(self, folder: Path, address: str) -> None:
        self.volume = Volume(folder, _BROKER_MB)
        (folder / "rabbitmq.conf").write_text(
            "loopback_users = none\ndisk_free_limit.absolute = 20MB\nvm_memory_high_watermark.absolute = 1500MB\n"
        )
        super().__init__(folder, address=address, configuration=folder / "rabbitmq.conf")

    def answers(self) -> bool:
        """Whether it takes connections, and lets one in."""
        import pika

        try:
            pika.BlockingConnection(pika.ConnectionParameters(
                host=self.address, port=self.port, socket_timeout=5, stack_timeout=5, connection_attempts=1,
            )).close()  # fmt: skip
        except Exception:
            return False
        return True

    def quietly(self, *words: str) -> str:
        """``rabbitmqctl``, whatever comes of it."""
        try:
            return self.control(*words)
        except (subprocess.SubprocessError, OSError) as e:
            return str(e)

    def controlling(self, *words: str) -> subprocess.Popen[bytes]:
        """``rabbitmqctl``, under way."""
        return subprocess.Popen(
            [str(self._scripts / "rabbitmqctl"), "-q", *words], env=self._environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd=self.folder,
        )  # fmt: skip

    def standing(self) -> str:
        """What its queues hold, for people."""
        return "\n".join(self.quietly(*words) for words in (
            ("list_queues", "name", "type", "messages_ready", "messages_unacknowledged", "consumers", "state"),
            ("list_connections", "name", "state", "timeout", "channels"),
            ("list_consumers",),
        ))  # fmt: skip

    def close(self) -> None:
        """End it, and forget its data."""
        self.kill()
        self.volume.close()


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


#: what makes a database server
SERVERS: Final[dict[str, Callable[[Path, str], Server]]] = {"postgresql": Postgres, "mariadb": Maria}
