"""Servers for tests: those that run on loopback are used, else they are started for as long as the tests take.

python tools/services.py postgresql mariadb     say where they are (URLs), one a line; starts what does not run

Looked for in this order: the environment (``STAMPEDE_TEST_POSTGRESQL``, ``STAMPEDE_TEST_MARIADB``: URLs without a
database, of a user who may make databases), the usual port of this host, the programs that Debian installs; as root
they are installed by apt when they are absent. Whatever is started lies in a temporary folder and ends with us.
"""

from __future__ import annotations

import atexit
import fcntl
import glob
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

_START_S = 60


@cache
def postgresql() -> str | None:
    """The URL of a PostgreSQL server, without a database; None when there can be none here."""
    import psycopg

    def answers(url: str) -> bool:
        try:
            psycopg.connect(url.replace("+psycopg", "") + "/postgres", connect_timeout=3).close()
        except psycopg.Error:
            return False
        return True

    users = dict.fromkeys((pwd.getpwuid(os.getuid()).pw_name, "postgres", "root"))
    return _found("POSTGRESQL", [f"postgresql+psycopg://{user}@127.0.0.1:5432" for user in users], answers, _postgres)


@cache
def mariadb() -> str | None:
    """The URL of a MariaDB server, without a database; None when there can be none here."""
    import pymysql

    def answers(url: str) -> bool:
        user, _, place = url.partition("://")[2].rpartition("@")
        host, _, port = place.partition(":")
        try:
            pymysql.connect(host=host, port=int(port), user=user, connect_timeout=3).close()
        except (pymysql.MySQLError, OSError):
            return False
        return True

    return _found("MARIADB", ["mysql+pymysql://root@127.0.0.1:3306"], answers, _mariadb)


def _found(
    name: str, usual: list[str], answers: Callable[[str], bool], start: Callable[[], str | None]
) -> str | None:  # fmt: skip
    given = os.environ.get(f"STAMPEDE_TEST_{name}")
    if given:
        return given.rstrip("/")
    url = next((url for url in usual if answers(url)), None) or start()
    if url is None:
        return None
    end = time.monotonic() + _START_S
    while not answers(url):
        if time.monotonic() > end:
            return None
        time.sleep(0.2)
    return url


def _postgres() -> str | None:
    programs = _programs("/usr/lib/postgresql/*/bin", "initdb", "postgresql")
    if programs is None:
        return None
    folder, port = _folder("postgres"), _port()
    as_user = _as("postgres")
    data = folder / "data"
    subprocess.run([*as_user, programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8",
                    "--locale=C", "--no-sync"], check=True, capture_output=True)  # fmt: skip
    _run([*as_user, programs / "postgres", "-D", data, "-p", port, "-h", "127.0.0.1", "-k", folder, "-F"])
    return f"postgresql+psycopg://postgres@127.0.0.1:{port}"


def _mariadb() -> str | None:
    programs = _programs("/usr/sbin", "mariadbd", "mariadb-server")
    if programs is None:
        return None
    folder, port = _folder("mysql"), _port()
    as_user = _as("mysql")
    data = folder / "data"
    subprocess.run([*as_user, "mariadb-install-db", f"--datadir={data}", "--auth-root-authentication-method=normal",
                    "--skip-test-db"], check=True, capture_output=True)  # fmt: skip
    _run([*as_user, programs / "mariadbd", "--no-defaults", f"--datadir={data}", f"--port={port}",
          "--bind-address=127.0.0.1", f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}"])  # fmt: skip
    return f"mysql+pymysql://root@127.0.0.1:{port}"


def _programs(folders: str, program: str, package: str) -> Path | None:
    """The folder of a server's programs; as root its Debian package is installed when there is none."""
    for attempt in range(2):
        found = sorted(folder for folder in glob.glob(folders) if os.access(f"{folder}/{program}", os.X_OK))
        if found:
            return Path(found[-1])
        if attempt or os.getuid() or shutil.which("apt-get") is None:
            return None
        _install(package)
    return None


def _install(package: str) -> None:
    """By apt, one after the other: it refuses to run twice at once, and another run of the tests may want the same."""
    print(f"{package} is missing: installing it", file=sys.stderr)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    with open(Path(tempfile.gettempdir()) / "stampede-services.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment)
        subprocess.run(["apt-get", "install", "-y", "-qq", package], check=False, env=environment)


def _folder(user: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="stampede-services-"))
    if os.getuid() == 0:
        shutil.chown(folder, user)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _as(user: str) -> list[str]:
    """Servers do not run as root."""
    return ["runuser", "-u", user, "--"] if os.getuid() == 0 else []


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(command: list[object]) -> None:
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def end() -> None:
        process.terminate()
        process.wait(30)

    atexit.register(end)


def main() -> int:
    """Print where the servers are; 1 when one of them is nowhere."""
    known = {"postgresql": postgresql, "mariadb": mariadb}
    missing = 0
    for name in sys.argv[1:] or known:
        url = known[name]()
        print(f"{name} {url or 'is not here and cannot be started'}")
        missing |= url is None
    if not missing and sys.stdin.isatty():
        input("Enter ends what was started. ")
    return missing


if __name__ == "__main__":
    sys.exit(main())
