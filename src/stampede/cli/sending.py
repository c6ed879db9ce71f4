"""What ``push``, ``publish`` and ``watch --bus`` have in common: sending paths, and telling how that goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from stampede.cli import output, text
from stampede.cli.watch_signals import Signals
from stampede.errors import UsageError
from stampede.pushing import Push, Target
from stampede.pushing.leftover import send_leftover
from stampede.pushing.push import Sent, is_followed, leftover

#: what is in the way is said when it lasts so long, and again so often, in seconds
_TELL_S = (3.0, 60.0)


def until(signals: Signals, timeout_s: float | None) -> Callable[[], bool]:
    """Whether to go on: until somebody says stop, or the time is up."""
    end = float("inf") if timeout_s is None else time.monotonic() + timeout_s
    return lambda: signals.received is None and time.monotonic() < end


def send(paths: list[Path], target: Target, follow: bool, go_on: Callable[[], bool]) -> list[Sent]:
    """Send what paths and left spools hold; what became of each. Raises UsageError for what cannot be followed."""
    spools = [path for path in paths if leftover(path)]
    runs = [path for path in paths if path not in spools]
    sent = [send_leftover(path, target, go_on) for path in spools]
    growing = [path for path in runs if follow and is_followed(path)]
    if follow and len(growing) < len(runs):
        raise UsageError("Only submit directories, .dag files and dagman.out can be followed.")
    if not runs:
        return sent
    with Push(runs, target) as pushing:
        pushing.go_on = _teller(pushing, go_on)
        if follow:
            pushing.follow()
        else:
            pushing.once()
        sent += pushing.sent
    return sent


class Trouble:
    """Says on stderr what is in the way, once it lasts, and again now and then."""

    def __init__(self, comfort: str) -> None:
        self._comfort = comfort
        self._since: float | None = None
        self._next_word = 0.0

    def tell(self, trouble: str | None) -> None:
        """That is in the way now; None: nothing."""
        now = time.monotonic()
        if trouble is None:
            self._since = None
            return
        if self._since is None:
            self._since = now
        if now - self._since > _TELL_S[0] and now >= self._next_word:
            self._next_word = now + _TELL_S[1]
            output.warn(f"{trouble.removesuffix('.')}. {self._comfort}")


def _teller(pushing: Push, go_on: Callable[[], bool]) -> Callable[[], bool]:
    """``go_on`` that says now and then what is in the way."""
    trouble = Trouble("Events wait in the spool; it is tried again.")

    def told() -> bool:
        trouble.tell(next((one.trouble for one in pushing.sent if one.trouble), None))
        return go_on()

    return told


def show(one: Sent, done: str, by: str, again: str) -> None:
    """What became of a path: ``done`` says what is done with events, ``again`` is the verb that goes on with it."""
    news = f": {text.count(one.events, 'event')} read"
    if not one.waiting:
        output.show(output.text((one.path, "bold"), f"{news}, all {done} by {by}."))
        return
    output.show(output.text((one.path, "bold"), f"{news}, ", (f"{one.waiting:,} not {done} yet", "yellow"), "."))
    output.warn(f"{one.trouble or 'There was no time left'}. {again} again to go on.")
