"""Files of a submit directory, opened so that nothing outside of it can be reached: not by ``..``, not by an absolute
path, not by a link, whoever put it there and when."""

from __future__ import annotations

import errno
import os
import stat
from typing import Final

from stampede.files import Name, real

#: what lies in a submit directory of DAGMan: a folder without any of it is none, whatever an event said
_SIGNS: Final = (".dag", ".dagman.out", ".dag.condor.sub")
_BRAINDUMPS: Final = ("braindump.yml", "braindump.txt")
#: links that a path may lead over
_MOST_LINKS: Final = 8
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def is_submit_dir(folder: Name) -> bool:
    """Whether a folder holds what a submit directory has. The name comes from events, which anybody may have sent."""
    try:
        with os.scandir(folder) as found:
            return any(e.name.endswith(_SIGNS) or e.name in _BRAINDUMPS for e in found)
    except (OSError, ValueError):
        return False


def open_beneath(folder: Name, path: Name) -> int:
    """A descriptor of a regular file at or below ``folder``, for reading; ``path`` is absolute or relative to it.

    Each step is opened without following links. A link that leads to a place inside is followed by its real path, step
    by step in the same way. Raises PermissionError for what is outside, FileNotFoundError and OSError as ``open`` does,
    or when it is no regular file.
    """
    base = os.fspath(real(folder))
    wanted = os.path.normpath(os.path.join(os.fspath(folder), os.fspath(path)))
    if wanted.startswith(os.path.normpath(os.fspath(folder)) + os.sep):
        wanted = os.path.join(base, os.path.relpath(wanted, os.path.normpath(os.fspath(folder))))
    for _ in range(_MOST_LINKS):
        if not wanted.startswith(base.rstrip(os.sep) + os.sep):
            raise PermissionError(errno.EACCES, "it does not lie in the submit directory", wanted)
        try:
            return _walk(base, wanted[len(base.rstrip(os.sep)) + 1 :].split(os.sep))
        except OSError as e:
            if e.errno not in (errno.ELOOP, errno.ENOTDIR):
                raise
            followed = os.fspath(real(wanted))
            if followed == wanted:
                raise
            wanted = followed
    raise OSError(errno.ELOOP, "too many links", wanted)


def _walk(base: str, parts: list[str]) -> int:
    at = os.open(base, _FOLDER)
    try:
        for part in parts[:-1]:
            below = os.open(part, _FOLDER, dir_fd=at)
            os.close(at)
            at = below
        handle = os.open(parts[-1], _FILE, dir_fd=at)
    except ValueError as e:  # NUL: no name
        raise OSError(errno.EINVAL, "it has no possible name") from e
    finally:
        os.close(at)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is no regular file")
    return handle
