"""What ``stampede watch`` tells: one line that moves on a terminal, lines or JSON objects otherwise."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import msgspec

from stampede.analysis.progress.progress import Progress
from stampede.cli import output, text
from stampede.cli.foretold import line
from stampede.cli.options import VERBOSE
from stampede.cli.output import abandon_stdout
from stampede.errors import StampedeError
from stampede.files import told
from stampede.progressing import Forecasts
from stampede.query import Reader, open_database
from stampede.watching import Followed, Watching
from stampede.watching.whole import Whole, whole

#: without a terminal, a workflow that goes on is told of so often, in seconds
_EVERY_S = 30.0
#: rates are those of so many seconds
_RATE_S = 120.0


class Seen(msgspec.Struct):
    """A root workflow that is followed, as its database has it now."""

    followed: Followed
    url: str
    user: str | None
    whole: Whole
    rate_per_min: float | None = None
    progress: Progress | None = None

    @property
    def label(self) -> str:
        """What it is called."""
        root = self.whole.root
        return root.label or (root.dag or "").removesuffix(".dag") or root.wf_uuid[:8]

    @property
    def remaining_s(self) -> float | None:
        """Seconds until the end as forecast, else if nodes go on at this rate; None when nobody can say."""
        if self.progress is not None:
            return None if self.whole.ended else self.progress.remaining_s
        n = self.whole.nodes
        left = n.total - n.done - n.failed - n.futile
        return 60.0 * left / self.rate_per_min if self.rate_per_min and left > 0 and not self.whole.ended else None

    def sentence(self) -> str:
        """How it stands, in one line."""
        g, n = self.whole, self.whole.nodes
        state = "running, but halted" if g.root.halted else g.root.state
        parts = [f"{state}: {n.done:,} of {n.total:,} done"]
        parts += [f"{number:,} {word}" for number, word in (
            (g.running, "executing"), (g.idle, "idle"), (g.held, "held"), (n.failed, "failed"),
            (n.futile, "can never run"),
        ) if number]  # fmt: skip
        if g.workflows > 1:
            parts.append(f"{g.workflows:,} workflows")
        if not g.ended and self.rate_per_min:
            parts.append(f"{self.rate_per_min:.3g}/min")
        if self.progress is not None:
            parts.append(line(self.progress))
        elif self.remaining_s is not None:
            parts.append(f"about {text.duration(self.remaining_s)} left at this rate")
        return ", ".join(parts)


class _Rate:
    """Nodes done per minute, over the last minutes."""

    def __init__(self) -> None:
        self._past: deque[tuple[float, int]] = deque()

    def add(self, done: int) -> float | None:
        now = time.monotonic()
        self._past.append((now, done))
        while now - self._past[0][0] > _RATE_S:
            self._past.popleft()
        then, before = self._past[0]
        return 60.0 * (done - before) / (now - then) if now - then >= 2.0 else None


class Reporter:
    """Looks the workflows up and tells of them; what is told, and how, is for the kinds of reporters to say."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._readers: dict[str, Reader] = {}
        self._rates: dict[str, _Rate] = {}
        self._forecasts: dict[str, Forecasts] = {}
        self._troubles: dict[Followed, str | None] = {}

    def look(self, followed: list[Followed]) -> list[Seen]:
        """All workflows that are followed, as the databases have them now."""
        self.seen = [seen for one in followed for seen in self._look_at(one)]
        return self.seen

    def _look_at(self, one: Followed) -> Iterator[Seen]:
        for wf in one.workflows:
            try:
                assert one.url is not None
                reader = self._readers.get(one.url)
                if reader is None:
                    reader = self._readers[one.url] = open_database(one.url)
                with reader.snapshot():
                    found = whole(reader, wf.uuid)
                    progress = self._forecasts.setdefault(wf.uuid, Forecasts()).of(reader, found.root)
            except StampedeError:  # not written yet, or gone: opened anew the next time
                gone = self._readers.pop(one.url or "", None)
                if gone is not None:
                    gone.close()
                continue
            rate = self._rates.setdefault(wf.uuid, _Rate()).add(found.nodes.done)
            yield Seen(one, one.url, wf.braindump.user if wf.braindump else None, found, rate, progress)

    def tell(self, watching: Watching) -> None:
        """Tell what is new."""
        for one in watching.followed:
            if one.trouble != self._troubles.get(one):
                self._troubles[one] = one.trouble
                self.trouble(one)

    def trouble(self, one: Followed) -> None:
        """A path is in trouble, or out of it again."""
        self.say(f"{told(one.path)}: {one.trouble or 'goes on'}")

    def say(self, line: str) -> None:
        """A line to the user."""
        output.warn(line)

    def end(self, watching: Watching, signal: int | None) -> set[str]:
        """Tell the end; the states of the root workflows."""
        return {seen.whole.root.state for seen in self.seen}

    def close(self) -> None:
        """Give back what is open."""
        for reader in self._readers.values():
            reader.close()


class Lines(Reporter):
    """A line per workflow whenever something has changed that matters, and every half minute."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, tuple[object, str, float]] = {}
        self._mute = False

    def tell(self, watching: Watching) -> None:
        super().tell(watching)
        now = time.monotonic()
        for seen in self.seen:
            g = seen.whole
            told = (g.root.state, g.root.halted, g.nodes.failed, g.held, g.workflows, g.root.restart_count)
            sentence = seen.sentence()
            before = self._last.get(g.root.wf_uuid)
            due = before is None or now - before[2] > _EVERY_S
            if before is None or before[0] != told or (due and before[1] != sentence):
                self._last[g.root.wf_uuid] = (told, sentence, now)
                self.line(seen, sentence)

    def line(self, seen: Seen, sentence: str) -> None:
        """One line of news."""
        if not VERBOSE.quiet:
            news = f" ({seen.whole.bad_news})" if seen.whole.bad_news else ""
            self._out(lambda: click.echo(text.clean(f"{text.time(time.time())} {seen.label} {sentence}{news}")))

    def _out(self, write: Callable[[], None]) -> None:
        """Tell it, unless nobody listens any more or there is no room: that is no reason to stop watching."""
        if self._mute:
            return
        try:
            write()
            sys.stdout.flush()
        except OSError:
            self._mute = True
            abandon_stdout()

    def end(self, watching: Watching, signal: int | None) -> set[str]:
        if signal is not None and not VERBOSE.quiet:
            output.warn("ended by a signal; what was read is kept, and watching again goes on from there.")
        return super().end(watching, signal)


class Json(Lines):
    """The same as JSON objects, one a line; the last has ``"event": "end"`` and all workflows."""

    def line(self, seen: Seen, sentence: str) -> None:
        self._print("status", _object(seen))

    def trouble(self, one: Followed) -> None:
        self._print("trouble", {"path": told(one.path), "state": one.state, "trouble": one.trouble})

    def say(self, line: str) -> None:
        self._print("note", {"text": line})

    def end(self, watching: Watching, signal: int | None) -> set[str]:
        self._print("end", {"signal": signal, "workflows": [_object(seen) for seen in self.seen]})
        return {seen.whole.root.state for seen in self.seen}

    def _print(self, event: str, facts: dict[str, object]) -> None:
        self._out(lambda: output.print_json_line({"ts": time.time(), "event": event, **facts}))


def _object(seen: Seen) -> dict[str, object]:
    g = seen.whole
    return {
        "path": told(seen.followed.path), "db": seen.url, "wf_uuid": g.root.wf_uuid, "label": seen.label,
        "state": g.root.state, "reason": g.root.reason, "halted": g.root.halted, "percent_done": g.percent_done,
        "nodes": msgspec.to_builtins(g.nodes), "running": g.running, "idle": g.idle, "held": g.held,
        "workflows": g.workflows, "last_ts": g.last_ts, "nodes_per_min": seen.rate_per_min,
        "remaining_s": seen.remaining_s, "progress": msgspec.to_builtins(seen.progress), "bad_news": g.bad_news,
    }  # fmt: skip


@contextmanager
def reporter(json_: bool) -> Iterator[Reporter]:
    """The reporter that suits where the output goes."""
    made: Reporter
    if json_:
        made = Json()
    elif sys.stdout.isatty() and not VERBOSE.quiet:
        from stampede.cli.watch_terminal import Terminal

        made = Terminal()
    else:
        made = Lines()
    try:
        yield made
    finally:
        made.close()
