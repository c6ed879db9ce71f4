"""A thread that answers questions, so that the screen never waits for a disk.

It is a daemon: a database on a file system that hangs, or one that is locked, does not keep the program from ending.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any

from textual.message import Message
from textual.message_pump import MessagePump

from stampede.errors import StampedeError

Question = Callable[[], Any]


class Answer(Message, bubble=False):
    """What a question gave, or why it gave nothing (``fault``); ``took_s`` seconds of the clock."""

    def __init__(self, desk: Desk, key: Hashable, value: Any, fault: str, took_s: float) -> None:
        super().__init__()
        self.desk, self.key, self.value, self.fault, self.took_s = desk, key, value, fault, took_s


class Desk:
    """Answers questions one after the other; whoever asks gets an ``Answer`` as a message.

    Of the questions of one key that still wait only the newest is answered: nobody wants to see the others any more.
    """

    def __init__(self, who: MessagePump) -> None:
        self._who = who
        self._waiting: dict[Hashable, Question] = {}
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def ask(self, key: Hashable, question: Question) -> None:
        """Put a question; it is answered in the thread of the desk."""
        with self._news:
            if self._closed:
                return
            self._waiting[key] = question
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="stampede-desk", daemon=True)
                self._thread.start()
            self._news.notify()

    def close(self) -> None:
        """Answer no more; what is being read just now is read to its end by nobody's leave."""
        with self._news:
            self._closed = True
            self._waiting.clear()
            self._news.notify()

    def _work(self) -> None:
        while True:
            with self._news:
                while not self._waiting and not self._closed:
                    self._news.wait()
                if self._closed:
                    return
                key = next(iter(self._waiting))
                question = self._waiting.pop(key)
            self._who.post_message(self._answered(key, question))

    def _answered(self, key: Hashable, question: Question) -> Answer:
        began = time.monotonic()
        value, fault = None, ""
        try:
            value = question()
        except StampedeError as e:
            fault = str(e)
        except OSError as e:
            fault = f"It cannot be read: {e.strerror or e}."
        except Exception as e:  # the screen lives on, whatever a question meets
            first = (str(e).splitlines() or [""])[0][:300]
            fault = f"This is a defect of Stampede: {type(e).__name__}: {first}"
        return Answer(self, key, value, fault, time.monotonic() - began)
