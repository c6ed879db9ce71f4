"""The file of passwords for HTTP basic: one line a user.

::

    # comment
    NAME:RIGHT:scrypt:N:R:P:SALT:HASH

RIGHT is read, write or admin; SALT and HASH are base64; N, R and P are the cost of scrypt (RFC 7914). The format is our
own because that of htpasswd needs bcrypt, which the standard library has not got, or hashes that are too fast.
``stampede serve password`` writes such lines.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
import tempfile
import threading
import time
from collections import OrderedDict
from pathlib import Path
from typing import Final, get_args

import msgspec

from stampede.errors import InputError, UsageError
from stampede.service.visitor import Right

#: cost of new lines: about 32 MB and, with P 3, what OWASP's cheat sheet on password storage asks for (2024)
N, R, P = 1 << 15, 8, 3
#: what a line of the file may ask for at most
_MOST_BYTES: Final = 256 << 20
#: a password that was right is known again for so many seconds
_KNOWN_S: Final = 300.0
_MOST_KNOWN: Final = 1000
_NAME = re.compile(r"[^\s:#\x00-\x1f\x7f][^:\x00-\x1f\x7f]{0,99}")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the file."""

    user: str
    right: Right
    n: int
    r: int
    p: int
    salt: bytes
    hash: bytes

    def fits(self, password: str) -> bool:
        """Whether it is the password. Takes some tenths of a second, and tens of megabytes."""
        made = hashlib.scrypt(
            password.encode("utf-8", "surrogatepass"), salt=self.salt, n=self.n, r=self.r, p=self.p,
            maxmem=_MOST_BYTES * 2, dklen=len(self.hash),
        )  # fmt: skip
        return hmac.compare_digest(made, self.hash)

    def line(self) -> str:
        """As the file has it."""
        salt, made = (base64.b64encode(data).decode() for data in (self.salt, self.hash))
        return f"{self.user}:{self.right}:scrypt:{self.n}:{self.r}:{self.p}:{salt}:{made}"


def made(user: str, password: str, right: Right = "read") -> Entry:
    """The line for a user's password. Raises UsageError for a name that no line can have, or no password."""
    if not _NAME.fullmatch(user):
        raise UsageError("A user's name has from 1 to 100 characters, none of them a colon or a control character.")
    if not password:
        raise UsageError("The password is empty.")
    salt = secrets.token_bytes(16)
    digest = hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"), salt=salt, n=N, r=R, p=P, maxmem=_MOST_BYTES, dklen=32
    )
    return Entry(user=user, right=right, n=N, r=R, p=P, salt=salt, hash=digest)


def read_line(line: str) -> Entry:
    """The entry of a line. Raises ValueError that says what is wrong; the line is not repeated."""
    parts = line.split(":")
    if len(parts) != 8 or parts[2] != "scrypt":
        raise ValueError("it is not NAME:RIGHT:scrypt:N:R:P:SALT:HASH")
    if not _NAME.fullmatch(parts[0]):
        raise ValueError("the name is no possible one")
    right = next((r for r in get_args(Right) if r == parts[1] and r != "monitor"), None)
    if right is None:
        raise ValueError("the right is not read, write or admin")
    n, r, p = (int(x) if x.isascii() and x.isdigit() and len(x) < 10 else 0 for x in parts[3:6])
    if n < 2 or n & (n - 1) or r < 1 or not 0 < p <= 64 or 128 * n * r > _MOST_BYTES:
        raise ValueError("the cost is no possible one")
    try:
        salt, digest = (base64.b64decode(x, validate=True) for x in parts[6:])
    except ValueError:
        raise ValueError("salt or hash is no base64") from None
    if len(salt) < 8 or not 16 <= len(digest) <= 64:
        raise ValueError("salt or hash is too short or too long")
    return Entry(user=parts[0], right=right, n=n, r=r, p=p, salt=salt, hash=digest)


class Passwords:
    """A file of passwords, read again when it has changed. Safe to ask from any thread.

    A password that was right is remembered for five minutes, as a keyed hash of which the key is with this process
    only, so that not each request costs the time of scrypt.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: tuple[int, ...] = ()
        self._entries: dict[str, Entry] = {}
        self._key = secrets.token_bytes(32)
        self._right_ones: OrderedDict[bytes, tuple[Entry, float]] = OrderedDict()
        self._lock = threading.Lock()
        self._nobody = _nobody(N, R, P)

    def of(self, user: str) -> Entry | None:
        """The line of a user as it is now. Raises InputError when the file cannot be read."""
        self._look()
        return self._entries.get(user)

    def known(self, user: str, password: str) -> Entry | None:
        """The line of the user, if this password was found right a while ago and the line is still the same."""
        entry = self.of(user)
        with self._lock:
            found = self._right_ones.get(self._mark(user, password))
        if entry is None or found is None or found[0] != entry or time.monotonic() - found[1] > _KNOWN_S:
            return None
        return entry

    def check(self, user: str, password: str) -> Entry | None:
        """The line of the user, if the password is theirs. Slow on purpose, also for users who are not in the file."""
        entry = self.of(user)
        if not (entry or self._nobody).fits(password) or entry is None:
            return None
        with self._lock:
            self._right_ones[self._mark(user, password)] = (entry, time.monotonic())
            while len(self._right_ones) > _MOST_KNOWN:
                self._right_ones.popitem(last=False)
        return entry

    def _mark(self, user: str, password: str) -> bytes:
        return hmac.digest(self._key, f"{user}\0{password}".encode("utf-8", "surrogatepass"), "sha256")

    def _look(self) -> None:
        try:
            found = os.stat(self.path)
            stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
            if stamp == self._stamp:
                return
            lines = self.path.read_text().splitlines()
        except (OSError, UnicodeDecodeError) as e:
            raise InputError(f"{self.path}, the file of passwords, cannot be read: {e}.", path=str(self.path)) from e
        entries = {}
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            try:
                entry = read_line(line.strip())
            except ValueError as e:
                raise InputError(f"{self.path}, line {number}: {e}.", path=str(self.path)) from e
            entries[entry.user] = entry
        costly = max(entries.values(), key=lambda e: e.n * e.r * e.p, default=self._nobody)
        self._nobody = _nobody(costly.n, costly.r, costly.p)
        self._entries, self._stamp = entries, stamp


def _nobody(n: int, r: int, p: int) -> Entry:
    """A line that no password fits, for users who are not in the file: to refuse them takes as long."""
    return Entry(user="nobody", right="read", n=n, r=r, p=p, salt=bytes(16), hash=secrets.token_bytes(32))


def put(path: Path, user: str, line: str) -> None:
    """Put a line into a file, in place of one of the same user; the file is for its owner alone. Raises OSError."""
    before = path.read_text().splitlines() if path.exists() else []
    kept = [one for one in before if one.partition(":")[0] != user]
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w") as file:
        file.write("\n".join([*kept, line]) + "\n")
    os.replace(name, path)
