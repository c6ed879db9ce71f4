"""``stampede watch`` on a terminal: the lines of all workflows stay in place and move."""

from __future__ import annotations

import time

from rich.live import Live
from rich.text import Text

from stampede.cli import output, text
from stampede.cli.status import bar
from stampede.cli.watch_report import Reporter, Seen
from stampede.files import told
from stampede.query.status import WorkflowStatus
from stampede.watching import Watching

#: workflows shown at a time; the others are counted
_MOST = 12


class Terminal(Reporter):
    """Two lines a workflow: how far it is, and what is wrong with it; below, how far behind we are."""

    def __init__(self) -> None:
        super().__init__()
        # without refreshing by itself it has no thread
        self._live = Live(console=output.console(), auto_refresh=False, transient=True)
        self._live.start()

    def tell(self, watching: Watching) -> None:
        super().tell(watching)
        self._live.update(self._picture(watching), refresh=True)

    def say(self, line: str) -> None:
        self._live.console.print(output.text((text.clean(line), "yellow")))

    def _picture(self, watching: Watching) -> Text:
        size = min(30, max(10, output.width() // 4))
        lines = [line for seen in self._first() for line in _lines(seen, size)]
        rest = len(self.seen) - _MOST
        if rest > 0:
            lines.append(output.text((f"… and {rest} more", "dim")))
        lines += [output.text((f"waiting for a workflow in {told(f.path)}", "dim"))
                  for f in watching.followed if f.state == "waiting"]  # fmt: skip
        lines.append(output.text((_footer(watching), "dim")))
        return Text("\n").join(lines)

    def _first(self) -> list[Seen]:
        return sorted(self.seen, key=lambda s: s.whole.ended)[:_MOST]

    def end(self, watching: Watching, signal: int | None) -> set[str]:
        self._live.stop()
        for seen in self.seen:
            output.show(*_lines(seen, 20))
        if signal is not None:
            output.hint("Watching ended; start it again whenever you like, it goes on from here.")
        elif any(seen.whole.root.state != "success" for seen in self.seen):
            for seen in self.seen:
                output.hint(f"Why, and what to do: stampede triage {told(seen.followed.path)}")
        return super().end(watching, signal)

    def close(self) -> None:
        self._live.stop()
        super().close()


def _lines(seen: Seen, size: int) -> list[Text]:
    g = seen.whole
    root: WorkflowStatus = g.root
    shown = bar(_with_nodes(seen), size)
    first = output.text((seen.label, "bold"), " ") + shown + output.text(
        "  ", (root.state, output.STYLES.get(root.state, "")), seen.sentence().removeprefix(root.state)
    )  # fmt: skip
    return [first, output.text(("  " + g.bad_news, "red"))] if g.bad_news else [first]


def _with_nodes(seen: Seen) -> WorkflowStatus:
    """The root's status with the numbers of the whole forest."""
    from msgspec.structs import replace

    return replace(seen.whole.root, nodes=seen.whole.nodes)


def _footer(watching: Watching) -> str:
    unread = live = 0
    for one in watching.followed:
        progress = one.progress
        unread += progress.unread_bytes
        live += progress.live
    behind = f"{unread:,} bytes behind" if unread else "up to date"
    how = f", {watching.blind} by polling" if watching.blind else ""
    return f"{time.strftime('%H:%M:%S')}  {text.count(live, 'log')} followed{how}, {behind}. Ctrl-C ends the watch."
