"""Files of others: opened without waiting, and named without surprises.

What lies in a submit directory was put there by anybody: pipes, devices, directories and loops of links under the name
of a file; names that are no UTF-8, have a NUL or are too long. Here all of them end in ``OSError`` or a plain answer.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, TypeAlias

Name: TypeAlias = str | os.PathLike[str]


def open_regular(path: Name) -> BinaryIO:
    """A regular file, opened for reading. ``OSError`` for all else: a pipe must not keep us waiting, nor a device feed
    us for ever."""
    return os.fdopen(_descriptor(path)[0], "rb")


def read_regular(path: Name, most: int) -> tuple[bytes, int]:
    """The content of a regular file and its size; of one of more than ``most`` bytes its head and tail, half each.

    Raises OSError as ``open_regular`` does.
    """
    handle, size = _descriptor(path)
    try:
        if size <= most:
            return _read(handle, size), size
        half = most // 2
        head = _read(handle, half)
        os.lseek(handle, size - half, os.SEEK_SET)
        return head + b"\n" + _read(handle, half), size
    finally:
        os.close(handle)


def _descriptor(path: Name) -> tuple[int, int]:
    """Descriptor and size of a regular file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except ValueError as e:  # NUL, or text that is no name on this system
        raise OSError(errno.EINVAL, "it has no possible name", os.fspath(path)) from e
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", os.fspath(path))
    except BaseException:
        os.close(handle)
        raise
    return handle, found.st_size


def _read(handle: int, size: int) -> bytes:
    data = os.read(handle, size)
    while len(data) < size and (more := os.read(handle, size - len(data))):
        data += more
    return data


def present(path: Name) -> bool:
    """Whether anything has that name, be it a link to nowhere; False also for what cannot be a name."""
    return os.path.lexists(path)


def obstacle(path: Name) -> str | None:
    """Why what lies there cannot be read as a file; None when it can, or when nothing is there."""
    if not present(path):
        return None
    try:
        open_regular(path).close()
    except OSError as e:
        return e.strerror or str(e)
    return None


def real(path: Name) -> Path:
    """The absolute path with links followed as far as they lead somewhere."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return Path(os.path.abspath(path))


def told(path: Name) -> str:
    """A name as text that can be kept and printed: bytes that are no UTF-8 become ``\\xNN``."""
    name = os.fspath(path)
    try:
        data = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # no name from a file system, but text with any surrogates
        data = name.encode("utf-8", "backslashreplace")
    return data.decode("utf-8", "backslashreplace")
