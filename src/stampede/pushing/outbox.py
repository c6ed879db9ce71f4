"""What one path has to send: its events in a spool, and how far its files were read."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from stampede.emit.client import Client
from stampede.emit.errors import SpoolFullError
from stampede.emit.receiver import Receiver
from stampede.emit.sender import Sender
from stampede.emit.spool import MOST_BYTES, Spool
from stampede.errors import InputError
from stampede.events.base import Event
from stampede.events.stream import encoder
from stampede.files import real, told
from stampede.places import state_folder
from stampede.pushing.streams import Numbered, Streams
from stampede.sources.base import Batch, Marks, Place
from stampede.store.loader import Position

#: a full spool is looked at so often, in seconds
_LOOK_S: Final = 0.1


class _Note(msgspec.Struct, omit_defaults=True):
    """What is kept together with records: places by source (None: nothing has to be known of it any more), and for a
    bus how far its streams are numbered and the roots of sub-workflows."""

    places: dict[str, Place | None] = {}
    streams: dict[str, int] = {}
    roots: dict[str, str] = {}


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The server that is sent to. ``certificate`` is a file of certificates to trust beside the system's."""

    url: str
    token: str | None = None
    certificate: str | None = None
    #: what the sender is called; None: the machine and the path
    source: str | None = None
    #: the folder that spools are in; None: that of the user's state
    spool: Path | None = None
    most_bytes: int = MOST_BYTES
    #: the longest pause between two attempts to reach the server, in seconds
    retry_s: float = 30.0

    def check(self) -> None:
        """Raises UsageError for a URL that is none."""
        self._client()

    def _client(self) -> Client:
        return Client(self.url, token=self.token, certificate=self.certificate)

    def receiver(self, spool: Spool) -> Receiver:
        """Somebody who takes what is in a spool. Raises UsageError for a URL that is none."""
        return self._client()

    @property
    def by_root(self) -> bool:
        """Whether records are numbered by root workflow, so that several can share what comes."""
        return False

    def folder(self, path: Path) -> Path:
        """The spool of a path: another one for each server."""
        name = re.sub(r"[^\w.-]", "_", path.name)[:60]
        digest = hashlib.sha256(os.fsencode(f"{real(path)}\n{self.url}")).hexdigest()[:12]
        return (self.spool or state_folder() / "spool") / f"push-{name}-{digest}"


class Outbox:
    """The spool of one path and the thread that sends it. Raises SpoolError, SpoolBusyError."""

    def __init__(self, path: Path, target: Target) -> None:
        self.path = path
        self._target = target
        self._encode: Callable[[Event], bytes] = encoder("jsonl", "current")
        self._read_note = msgspec.json.Decoder(_Note)
        #: the server had records that it has no more: everything is to be sent anew
        self.forgotten = False
        self.events = 0
        self._open()

    def _open(self) -> None:
        name = self._target.source or f"{os.uname().nodename}:{told(real(self.path))}"[-150:]
        ascii_name = name.encode("ascii", "backslashreplace").decode()
        self._spool = Spool(self._target.folder(self.path), ascii_name, most_bytes=self._target.most_bytes, noted=True)
        self.places: dict[str, Place] = {}
        self._streams = Streams() if self._target.by_root else None
        for note in self._spool.notes:
            self._keep(self._noted(note))
        self._spool.summary = self._summary
        self._sender = Sender(
            self._spool, self._target.receiver(self._spool), forgotten=self._forget, again_s=self._target.retry_s
        )  # fmt: skip

    def _summary(self) -> bytes:
        streams = self._streams or Streams()
        return msgspec.json.encode(_Note({**self.places}, streams.numbers, streams.roots.known))

    def _noted(self, note: bytes) -> _Note:
        try:
            return self._read_note.decode(note)
        except msgspec.DecodeError as e:
            raise InputError(f"The spool {self._spool.folder} is damaged ({e}); delete it to push anew.") from e

    def _keep(self, note: _Note) -> None:
        if self._streams is not None:
            self._streams.keep(note.streams, note.roots)
        for source, place in note.places.items():
            if place is None:
                self.places.pop(source, None)
            else:
                self.places[source] = place

    def _forget(self, _gone: int) -> None:
        self.forgotten = True

    # ---- reading ----------------------------------------------------------------------------------------------------

    @property
    def marks(self) -> Marks:
        """Where reading ended, of every source."""
        return {source: place.mark for source, place in self.places.items()}

    def position(self, source: str) -> Position | None:
        """How far a source was read."""
        place = self.places.get(source)
        return None if place is None else Position(source, place.end, place.inode, place.size, place.final)

    def put(self, batches: list[Batch], go_on: Callable[[], bool]) -> bool:
        """Keep the events of batches and the places behind them, all or none, when there is room; False when
        ``go_on`` says meanwhile that it is not to wait any more."""
        events = [event for batch in batches for event in batch.events]
        numbered = Numbered([self._encode(event).rstrip(b"\n") for event in events])
        if self._streams is not None:
            numbered = self._streams.numbered(events, numbered.records)
        records = numbered.records
        places = {b.source: None if b.end < 0 else Place(b.end, b.inode, b.size, b.final) for b in batches}
        note = _Note(places, numbered.streams, numbered.roots)
        encoded = msgspec.json.encode(note)
        while True:
            try:
                self._spool.append(records, encoded)
            except SpoolFullError:
                if not go_on():
                    return False
                self._sender.wake()
                time.sleep(_LOOK_S)
            else:
                break
        self._keep(note)
        self.events += len(records)
        self._sender.wake()
        return True

    # ---- sending ----------------------------------------------------------------------------------------------------

    @property
    def trouble(self) -> str | None:
        """What keeps events from arriving; None when nothing does."""
        return self._sender.trouble

    @property
    def waiting(self) -> int:
        """Events that the server has not stored yet."""
        return max(self._spool.last - self._sender.stored, 0)

    def drain(self, timeout_s: float) -> bool:
        """Wait until all is stored; whether it is."""
        return self._sender.drain(timeout_s)

    def begin_anew(self) -> None:
        """Forget what was read and sent: the server has another database."""
        self.close()
        shutil.rmtree(self._spool.folder, ignore_errors=True)
        self.forgotten = False
        self._open()

    def close(self) -> None:
        """Stop sending; what was not sent is sent by the next push."""
        self._sender.stop()
        self._spool.close()
