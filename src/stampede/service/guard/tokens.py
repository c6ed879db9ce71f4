"""The tokens of a service: one file in the state folder, with what is known of each but never the token itself.

A token is ``stp_ID_SECRET``: ID has eight hex digits, SECRET 256 random bits in base64url. Kept is the SHA-256 of the
SECRET: a fast hash is enough, since nobody can guess 256 bits. The file is read again when it has changed, so that what
was revoked stops to count with the next request.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from stampede.errors import StampedeError, UsageError
from stampede.places import state_folder
from stampede.service.visitor import Right

PREFIX: Final = "stp"
#: the time of last use is written so often at most, in seconds
_USED_S: Final = 60.0
_FORM = re.compile(r"stp_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")
T = TypeVar("T")


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token without its secret. Times are epoch seconds; ``expires_ts`` None: never. ``sha256`` is of the secret."""

    id: str
    sha256: str
    user: str | None
    right: Right
    note: str = ""
    created_ts: float
    expires_ts: float | None = None
    used_ts: float | None = None

    def expired(self, now: float) -> bool:
        """Whether its time is over."""
        return self.expires_ts is not None and now >= self.expires_ts


class _Content(msgspec.Struct):
    tokens: list[Token] = []


def default_path() -> Path:
    """The file of the user: ``service/tokens.json`` in the state folder."""
    return state_folder() / "service" / "tokens.json"


class Tokens:
    """The file of tokens. Changes are made under a lock and put in place as a whole; only its owner can read it.

    All methods raise StampedeError when the file cannot be used.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_path()
        self._stamp: tuple[int, ...] | None = None
        self._known: dict[str, Token] = {}

    def create(
        self, *, user: str | None, right: Right, now: float, expires_ts: float | None = None, note: str = ""
    ) -> tuple[str, Token]:
        """Make a token: its text, which nobody can find out again, and what is kept of it."""
        secret = secrets.token_urlsafe(32)
        token = Token(
            id=secrets.token_hex(4), sha256=_digest(secret), user=user, right=right, note=note, created_ts=now,
            expires_ts=expires_ts,
        )  # fmt: skip
        self._change(lambda content: content.tokens.append(token))
        return f"{PREFIX}_{token.id}_{secret}", token

    def revoke(self, id_: str) -> Token:
        """Strike a token. Raises UsageError when there is none of that id."""

        def strike(content: _Content) -> Token:
            found = next((t for t in content.tokens if t.id == id_), None)
            if found is None:
                raise UsageError(f"There is no token {id_[:20]!r}. See: stampede serve token list")
            content.tokens.remove(found)
            return found

        return self._change(strike)

    def all(self) -> list[Token]:
        """All of them, the oldest first."""
        self._look()
        return list(self._known.values())

    def of_id(self, id_: str) -> Token | None:
        """The token of an id, if it is there still."""
        self._look()
        return self._known.get(id_)

    def of_text(self, text: str) -> Token | None:
        """The token that a text is; None when it is none, or one that was revoked. It may have expired."""
        match = _FORM.fullmatch(text)
        token = self.of_id(match[1]) if match else None
        # the work is the same, whether there is a token of that id or not
        same = hmac.compare_digest(_digest(match[2] if match else text), token.sha256 if token else _digest(""))
        return token if same else None

    def used(self, token: Token, now: float) -> None:
        """Note that a token was used now, at most once a minute. It does not matter when that fails."""
        if token.used_ts is not None and 0 <= now - token.used_ts < _USED_S:
            return

        def note(content: _Content) -> None:
            content.tokens = [msgspec.structs.replace(t, used_ts=now) if t.id == token.id else t
                              for t in content.tokens]  # fmt: skip

        self._known[token.id] = msgspec.structs.replace(token, used_ts=now)
        with suppress(StampedeError):
            self._change(note)

    def _look(self) -> None:
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            self._stamp, self._known = None, {}
            return
        except OSError as e:
            raise StampedeError(f"{self.path}, the file of tokens, cannot be read: {e.strerror}.") from e
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
        if stamp != self._stamp:
            self._known = {token.id: token for token in self._read().tokens}
            self._stamp = stamp

    def _read(self) -> _Content:
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=_Content)
        except FileNotFoundError:
            return _Content()
        except (OSError, msgspec.MsgspecError, ValueError) as e:
            raise StampedeError(f"{self.path}, the file of tokens, cannot be read: {e}.") from e

    def _change(self, change: Callable[[_Content], T]) -> T:
        with self._locked():
            content = self._read()
            result = change(content)
            self._write(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")
        return result

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as e:
            raise StampedeError(f"{self.path}, the file of tokens, cannot be written: {e.strerror}.") from e
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _write(self, data: bytes) -> None:
        try:
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".tokens-")  # for its owner alone
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.path)
        except OSError as e:
            raise StampedeError(f"{self.path}, the file of tokens, cannot be written: {e.strerror}.") from e


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
