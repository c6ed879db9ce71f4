"""Signals that end a watch: noticed at once, obeyed between two transactions."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Any, Final

#: who waits for a bus obeys within so many seconds: a broker may take its time to answer
BUS_S: Final = 30.0
_LATE: Final = b"stampede: what was waited for did not come in time: ended without it. Nothing stored is lost.\n"


class Signals:
    """Takes SIGINT, SIGTERM and SIGHUP while it is entered. A second SIGINT ends the program as usual.

    ``within_s``: the program ends so many seconds after a signal at the latest, with 4, whatever it waits for. Only for
    those that may be killed at any time.
    """

    def __init__(self, *, within_s: float | None = None) -> None:
        self.received: int | None = None
        self._within_s = within_s
        self._before: dict[int, Any] = {}
        self.descriptor, self._sender = os.pipe()
        for end in (self.descriptor, self._sender):
            os.set_blocking(end, False)

    @property
    def interrupted(self) -> bool:
        """Whether it was the user at the keyboard."""
        return self.received == signal.SIGINT

    def __enter__(self) -> Signals:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup wants it to be ignored
                self._before[number] = signal.signal(number, self._take)
        if self._within_s is not None:
            self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, _end)
        signal.set_wakeup_fd(self._sender, warn_on_full_buffer=False)
        return self

    def _take(self, number: int, _frame: FrameType | None) -> None:
        if self.received is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        first, self.received = self.received is None, number
        if first and self._within_s is not None:
            signal.setitimer(signal.ITIMER_REAL, self._within_s)

    def __exit__(self, *exc: object) -> None:
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():  # SIGALRM last: until then a signal may start the timer
            if number == signal.SIGALRM:
                signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(number, handler)
        os.close(self.descriptor)
        os.close(self._sender)


def _end(_number: int, _frame: FrameType | None) -> None:
    try:
        os.set_blocking(2, False)  # nobody may be reading
        os.write(2, _LATE)
    finally:
        os._exit(4)
