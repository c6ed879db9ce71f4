"""The thread that sends what is in a spool, and begins again where the receiver stands after any outage."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Final

from stampede.emit.client import Answer
from stampede.emit.errors import SpoolError
from stampede.emit.receiver import Receiver
from stampede.emit.spool import Spool

#: a batch has at most so many records, and bytes before they are packed
_RECORDS: Final = 2_000
_BYTES: Final = 2 << 20
#: records that come one by one are sent together: the first waits so long for others, in seconds
_GATHER_S: Final = 0.05
#: after an outage it is tried again: after so long, up to so long, and so long when a person has to do something
_AGAIN_S: Final = (0.2, 30.0)
_REFUSED_S: Final = 15.0


class Sender:
    """Sends a spool to a server until it is stopped.

    ``trouble`` says what is in the way, None when nothing is. ``forgotten`` is called with the number of records that
    the server had and has no more (its database is another one): what is in the spool is sent, those are gone.
    """

    def __init__(
        self, spool: Spool, client: Receiver, *, forgotten: Callable[[int], None], again_s: float = _AGAIN_S[1]
    ) -> None:
        self._spool = spool
        self._client = client
        self._forgotten = forgotten
        self._longest = again_s
        self.trouble: str | None = None
        #: the number of the last record that is stored
        self.stored = spool.first - 1
        self._asked = False
        self._most = _RECORDS
        self._wait = _AGAIN_S[0]
        self._changed = threading.Condition()
        self._news = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="stampede-emit", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There are new records."""
        with self._changed:
            self._news = True
            self._changed.notify_all()

    def drain(self, timeout_s: float | None) -> bool:
        """Wait until all records of now are stored; whether they are."""
        last = self._spool.last
        self.wake()
        with self._changed:
            return self._changed.wait_for(lambda: self.stored >= last or self._stopping, timeout_s)

    def stop(self) -> None:
        """End the thread, after the request that is under way."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._client_close_soon()
        self._thread.join()
        self._client.close()

    def _client_close_soon(self) -> None:
        """A request that hangs must not keep us: its connection is closed under it after a moment."""
        self._thread.join(5.0)
        if self._thread.is_alive():
            self._client.close()

    # ---- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping:
            try:
                wait = self._turn()
            except SpoolError as e:
                self.trouble, wait = str(e), _REFUSED_S
            if wait:
                self._rest(wait)

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, max(until - time.monotonic(), 0.0))

    def _turn(self) -> float:
        """Ask, or send a batch; how long to wait before the next."""
        if not self._asked:
            return self._ask()
        records = self._spool.read(self.stored, self._most, _BYTES)
        if not records:
            self._await_news()
            return 0.0
        self._spool.sync()
        label = self._spool.label
        answer = self._client.send(label.source, self.stored + 1 - label.base, records)
        if answer.stored is None:
            return self._failed(answer)
        self._well()
        self._most = min(self._most * 2, _RECORDS)
        self._reach(answer.stored + label.base)
        return 0.0

    def _ask(self) -> float:
        """How far the server stands: a first question, and one after everything that does not fit."""
        label = self._spool.label
        answer = self._client.stored(label.source)
        if answer.stored is None:
            return self._failed(answer)
        self._asked = True
        self._well()
        self._reach(answer.stored + label.base)
        return 0.0

    def _reach(self, stored: int) -> None:
        """The server has the records up to that number."""
        spool = self._spool
        if stored > spool.last:  # records that were sent are not here any more: their numbers must not be used again
            spool.rename()
            self._asked = False
            return
        if stored < spool.first - 1:
            gone = spool.first - 1 - stored
            spool.rename()
            self._asked = False
            self._forgotten(gone)
            return
        spool.release(stored)
        with self._changed:
            self.stored = stored
            self._changed.notify_all()

    def _well(self) -> None:
        self.trouble = None
        self._wait = _AGAIN_S[0]

    def _failed(self, answer: Answer) -> float:
        self.trouble = answer.trouble
        if answer.too_large and self._most > 1:
            self._most = max(self._most // 4, 1)
            return 0.0
        wait = _REFUSED_S if answer.refused or answer.too_large else max(self._wait, answer.wait_s)
        self._wait = min(self._wait * 2, self._longest)
        return min(wait, max(self._longest, answer.wait_s)) * random.uniform(0.75, 1.25)

    def _await_news(self) -> None:
        with self._changed:
            while not self._changed.wait_for(lambda: self._news or self._stopping, self._client.idle_s):
                self._client.idle()
            self._news = False
        if not self._stopping:
            time.sleep(_GATHER_S)
