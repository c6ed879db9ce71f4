"""What a process that reads does: it answers what comes over its lanes, each with a thread, until the service ends."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Sequence
from typing import NoReturn

from stampede.service.answering import answered
from stampede.service.databases import Databases
from stampede.service.readers.messages import failed, packed, received, unpacked
from stampede.service.settings import Settings


def read_for(settings: Settings, life: socket.socket, lanes: Sequence[socket.socket]) -> NoReturn:
    """Answer questions until the other end of ``life`` is closed, which happens also when the service is killed."""
    databases = Databases(settings)
    for lane in lanes:
        threading.Thread(target=_serve, args=(lane, databases), daemon=True).start()
    try:
        life.recv(1)
        databases.close()  # connections to servers are given back
    finally:
        os._exit(0)  # what is under way is for nobody any more


def _serve(lane: socket.socket, databases: Databases) -> None:
    incoming = lane.makefile("rb")
    while (message := received(incoming)) is not None:
        try:
            answer = packed(answered(unpacked(message), databases))
        except Exception as e:
            answer = failed(e)
        try:
            lane.sendall(answer)
        except OSError:
            return
