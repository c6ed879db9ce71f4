"""Runs the command in a world that is not as it should be::

    launcher.py [--patience SECONDS] [--clock FILE] [--no-watches] [--no-inotify] [--network] -- watch …

``--patience`` is how long a lease is respected whose owner does not move; ``--clock`` names a file with the seconds
that the clock of this process goes wrong by; ``--no-watches`` lets inotify have none, ``--no-inotify`` is a machine
without it; with ``--network`` every folder seems to lie on a network file system.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
import time
from typing import Any, NoReturn


def _wrong_clock(file: str) -> None:
    right = time.time

    def wrong() -> float:
        try:
            with open(file) as text:
                return right() + float(text.read() or 0)
        except (OSError, ValueError):
            return right()

    time.time = wrong


def _refuse(number: int) -> Any:
    def refuse(*_args: object, **_options: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    return refuse


def main() -> None:
    """Change the world, then run the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--patience", type=float)
    parser.add_argument("--clock")
    parser.add_argument("--no-watches", action="store_true")
    parser.add_argument("--no-inotify", action="store_true")
    parser.add_argument("--network", action="store_true")
    at = sys.argv.index("--")
    how = parser.parse_args(sys.argv[1:at])
    if how.clock:
        _wrong_clock(how.clock)
    import inotify_simple

    if how.no_watches:
        inotify_simple.INotify.add_watch = _refuse(errno.ENOSPC)
    if how.no_inotify:
        inotify_simple.INotify.__init__ = _refuse(errno.EMFILE)
    from stampede import places
    from stampede.store import lease

    if how.patience is not None:
        lease.PATIENCE_S = how.patience
        lease.BEAT_S = how.patience / 10
    if how.network:
        places.on_network = lambda path: True
    sys.argv = ["stampede", *sys.argv[at + 1 :]]
    from stampede.cli.main import main as command

    command()


if __name__ == "__main__":
    main()
