"""The application: its screens and what they share."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType

from stampede.tui.forest import ForestScreen
from stampede.tui.longtext import Source, Stored
from stampede.tui.printed import PrintedScreen
from stampede.tui.reading import Watched

HELP = """\
stampede top: every watched workflow, down to what a job printed

everywhere
  Up Down j k        move
  PgUp PgDn g G      by pages; first, last
  Enter              go into what the cursor is on
  Esc, Backspace     back; ends a search
  /                  search
  r                  read again now
  y                  the command that answers the same
  ?  q               this help; quit

workflows
  Right Left Space   unfold, fold
  + -                unfold everything, fold everything
  f                  only what fails
  s                  sort by running, name, failed, progress, last
  A folded line counts what it hides, an unfolded one has its own numbers.
  Under the list: the worst of the workflow, or of those folded below it.

a workflow
  1 2 3 4 5 6        all, failing, held, running, idle jobs; causes
  Right Left Tab     the next list, the one before
  f                  the failing jobs
  s                  sort by name, state, tries, started, took, ended
  b                  with the jobs of sub-workflows, or its own only
  /                  job name (* and ? match anything); INNER/JOB looks
                     into the sub-workflows of that name
  It opens with the failing jobs, else the held, else the running ones.

a job
  Its tries, the last one first; Tab goes to the facts of the try.

what a try printed
  Right Left 1 ... 9 stdout, stderr, kickstart, files, facts
  /  n               search, next hit
  Files are read piece by piece, whatever their size. Control characters
  are shown, not obeyed.

signs
  ► running      ✓ success, done   ✗ failed       ■ held
  ‖ halted       ? lost            ⊘ removed      ∅ can never run
  ◌ idle, queued ◐ PRE script      ◑ POST script
  ○ ready        · unready, unstarted
  progress: █ done  ▒ active  × failed  · the rest

badge, at the top right
  ● how old the last record of a running workflow is
  ◌ silent: ten minutes without one, or more
  ✗ not read: the database cannot be read just now; its line says why
"""


class TopApp(App[None]):
    """All watched workflows; ``interval`` seconds pass between two readings of a database, at least.

    ``find`` is asked now and then what there is to watch, for what was not there in the beginning.
    """

    TITLE = "stampede top"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "quit", show=False, priority=True)]
    CSS = """
    Screen { background: #0e1621; color: #e0e0e0; }
    """

    def __init__(
        self, watched: list[Watched], *, interval: float = 2.0, find: Callable[[], list[Watched]] | None = None
    ) -> None:
        super().__init__()
        self.interval = interval
        self._watched = watched
        self._find = find

    def on_mount(self) -> None:
        self.push_screen(ForestScreen(self._watched, self._find))

    def show_text(self, title: str, source: Source, command: str) -> None:
        """A text of its own screen."""
        self.push_screen(PrintedScreen(title, [("text", source)], command))

    def show_help(self) -> None:
        """What all keys do."""
        if not (isinstance(self.screen, PrintedScreen) and self.screen.title == "help"):
            self.show_text("help", Stored(HELP, prose=True), "stampede top --help")

    def show_command(self, command: str) -> None:
        """A command, which is copied as well where the terminal allows it."""
        self.copy_to_clipboard(command)
        told = f"{command}\n\nIt is in the clipboard, if your terminal allows that.\n"
        self.show_text("command", Stored(told), command)
