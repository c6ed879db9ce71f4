"""Signals that end a watch: noticed at once, obeyed between two transactions."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Any


class Signals:
    """Takes SIGINT, SIGTERM and SIGHUP while it is entered. A second SIGINT ends the program as usual."""

    def __init__(self) -> None:
        self.received: int | None = None
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
        signal.set_wakeup_fd(self._sender, warn_on_full_buffer=False)
        return self

    def _take(self, number: int, _frame: FrameType | None) -> None:
        if self.received is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.received = number

    def __exit__(self, *exc: object) -> None:
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self.descriptor)
        os.close(self._sender)
