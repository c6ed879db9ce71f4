"""What a process that reads does: it answers what comes over its lanes, each with a thread, until the service ends.

Threads take turns, since two at a time would wait for each other's turn of the interpreter; who has waited long begins
beside the one before, so that a long question does not hold up short ones. The next question is there when one is
answered, without a word to the service.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Sequence
from typing import Final, NoReturn

from stampede.service.answering import answered
from stampede.service.databases import Databases
from stampede.service.readers.messages import failed, packed, received, unpacked
from stampede.service.settings import Settings

#: a question waits so long for the one before it (seconds)
_LONG_S: Final = 0.05


def read_for(settings: Settings, life: socket.socket, lanes: Sequence[socket.socket]) -> NoReturn:
    """Answer questions until the other end of ``life`` is closed, which happens also when the service is killed."""
    databases, turn = Databases(settings), threading.Semaphore()
    for lane in lanes:
        threading.Thread(target=_serve, args=(lane, databases, turn), daemon=True).start()
    try:
        life.recv(1)
        databases.close()  # connections to servers are given back
    finally:
        os._exit(0)  # what is under way is for nobody any more


def _serve(lane: socket.socket, databases: Databases, turn: threading.Semaphore) -> None:
    incoming = lane.makefile("rb")
    while (message := received(incoming)) is not None:
        is_ours = turn.acquire(timeout=_LONG_S)
        try:
            answer = packed(answered(unpacked(message), databases))
        except Exception as e:
            answer = failed(e)
        finally:
            if is_ours:
                turn.release()
        try:
            lane.sendall(answer)
        except OSError:
            return
