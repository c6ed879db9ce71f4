"""The services of a user that run: a small file for each in the state folder, by the number of its process."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from stampede.errors import StampedeError
from stampede.places import state_folder
from stampede.query.registry import process_began, shown, this_host

#: a service that was told to stop ends when its answers are given, at the latest after its grace and this
_STOP_S: Final = 20.0


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A service that runs. ``start_ticks`` is when its process began, in clock ticks after the boot."""

    pid: int
    host: str
    start_ticks: int | None
    url: str
    started_ts: float
    databases: tuple[str, ...] = ()
    log: str | None = None

    @property
    def alive(self) -> bool | None:
        """Whether it runs; None when this host cannot tell."""
        if self.host != this_host() or self.start_ticks is None:
            return None
        return process_began(self.pid) == self.start_ticks


def _folder() -> Path:
    return state_folder() / "service" / "running"


@contextmanager
def entered(url: str, databases: tuple[str, ...], log: str | None) -> Iterator[Running]:
    """This process is listed as a service, as long as it lasts. That it cannot be listed does not keep it from
    serving."""
    pid = os.getpid()
    entry = Running(
        pid=pid, host=this_host(), start_ticks=process_began(pid), url=url, started_ts=time.time(),
        databases=tuple(map(shown, databases)), log=log,
    )  # fmt: skip
    path = _folder() / f"{this_host()}-{pid}.json"
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(msgspec.json.encode(entry))
    try:
        yield entry
    finally:
        with suppress(OSError):
            path.unlink()


def services() -> list[Running]:
    """Those that run, the newest first; files that a killed one left behind are removed."""
    found = []
    for path in sorted(_folder().glob("*.json")):
        try:
            entry = msgspec.json.decode(path.read_bytes(), type=Running)
        except (OSError, msgspec.MsgspecError):
            continue
        if entry.alive is False:
            with suppress(OSError):
                path.unlink()
        else:
            found.append(entry)
    return sorted(found, key=lambda entry: -entry.started_ts)


def stop(entry: Running) -> bool:
    """Tell a service of this host to end, and wait until it has; False when it does not listen.

    Raises StampedeError when it cannot be told.
    """
    if entry.alive is not True:
        raise StampedeError(f"Service {entry.pid} runs on {entry.host}: stop it there.")
    try:
        os.kill(entry.pid, signal.SIGTERM)
    except OSError as e:
        raise StampedeError(f"Service {entry.pid} cannot be told to stop: {e.strerror}.") from e
    end = time.monotonic() + _STOP_S
    while time.monotonic() < end:
        if process_began(entry.pid) != entry.start_ticks:
            return True
        time.sleep(0.05)
    return False
