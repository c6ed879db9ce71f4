"""Sends a spool that a program left when it ended before all was stored."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from stampede.emit.sender import Sender
from stampede.emit.spool import Spool
from stampede.pushing.outbox import Target
from stampede.pushing.push import Sent


def send_leftover(folder: Path, target: Target, go_on: Callable[[], bool]) -> Sent:
    """Send all of a spool, until it is stored or ``go_on`` says no. Raises SpoolError, SpoolBusyError."""
    spool = Spool(folder, os.uname().nodename)
    events = spool.last - spool.first + 1
    sender = Sender(spool, target.receiver(spool), forgotten=lambda gone: None, again_s=target.retry_s)
    try:
        while go_on() and not sender.drain(0.2):
            pass
        waiting = max(spool.last - sender.stored, 0)
        return Sent(path=str(folder), events=events, waiting=waiting, trouble=sender.trouble)
    finally:
        sender.stop()
        spool.close()
