"""Databases of recorded runs, ended and running, and the screen driven by its keys."""

from __future__ import annotations

import asyncio
import html
import re
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from stampede import pipeline

pytest.importorskip("textual")

from textual.pilot import Pilot

from stampede.tui.app import TopApp
from stampede.tui.reading import Watched

#: how wide a character is drawn in a screenshot
_CELL = 12.2
NAMES = ("pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue")
_ROW = re.compile(r'<text[^>]* x="([\d.]+)" y="([\d.]+)"[^>]* clip-path[^>]*>(.*?)</text>')


@pytest.fixture(autouse=True)
def _own_world(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the databases of the user or the user's clock."""
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path_factory.mktemp("state")))
    monkeypatch.delenv("STAMPEDE_DB", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.chdir(tmp_path_factory.mktemp("nowhere"))


@pytest.fixture(scope="session")
def databases(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The URL of a database of each recorded run, and of two that are cut in their middle (``…_running``)."""
    folder = tmp_path_factory.mktemp("databases")
    urls = {name: f"sqlite:///{folder / name}.db" for name in NAMES}
    for name, url in urls.items():
        pipeline.load([corpus / name], url)
    for name, cut in (("dm_g_hold", "11/21/26 21:06:29"), ("dm_e_subdag", "11/21/26 21:06:08")):
        urls[f"{name}_running"] = url = f"sqlite:///{folder / name}_running.db"
        pipeline.load([_cut(corpus / name, folder / name, cut)], url)
    return urls


def _cut(run: Path, target: Path, until: str) -> Path:
    """A copy of a run as it was at a time: engine logs that end there, and nothing that was written beside them."""
    shutil.copytree(run, target)
    for pattern in ("*.log", "*.metrics", "*.status", "*.rescue*", "*.lib.*"):
        for file in target.glob(pattern):
            file.unlink()
    for log in target.glob("*.dag.dagman.out"):
        lines = log.read_text().splitlines(keepends=True)
        kept = [line for line in lines if not line[:2].isdigit() or line[:17] <= until]
        ends = next((i for i, line in enumerate(lines) if line[:2].isdigit() and line[:17] > until), len(lines))
        log.write_text("".join(kept[:ends]))
    return target


@pytest.fixture
def own_database(databases: dict[str, str], tmp_path: Path) -> Callable[[str], tuple[Path, str]]:
    """A copy of a database that may be harmed: its file and URL."""

    def copy(name: str) -> tuple[Path, str]:
        source = Path(databases[name].removeprefix("sqlite:///"))
        target = tmp_path / source.name
        for suffix in ("", "-wal"):
            if Path(f"{source}{suffix}").exists():
                shutil.copy(f"{source}{suffix}", f"{target}{suffix}")
        return target, f"sqlite:///{target}"

    return copy


def seen(app: TopApp) -> list[str]:
    """The lines of the screen as a user sees them."""
    rows: dict[float, str] = {}
    for x, y, text in _ROW.findall(app.export_screenshot()):  # blanks are left out of it
        before = rows.get(float(y), "")
        rows[float(y)] = before.ljust(round(float(x) / _CELL)) + html.unescape(text).replace("\xa0", " ")
    return [row.rstrip() for _, row in sorted(rows.items())]


class Driver:
    """Presses keys and waits for what shall be seen."""

    def __init__(self, app: TopApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def keys(self, *names: str) -> None:
        """Press keys."""
        await self.pilot.press(*names)

    async def until(self, *texts: str, but: str | None = None, most_s: float = 15.0) -> str:
        """Wait until all the texts are on the screen (and one is not); the whole screen."""
        end = time.monotonic() + most_s
        while True:
            shown = "\n".join(seen(self.app))
            if all(text in shown for text in texts) and (but is None or but not in shown):
                return shown
            assert time.monotonic() < end, f"{texts} (but {but!r}) did not come:\n{shown}"
            await self.pilot.pause(0.05)

    async def line(self, text: str) -> str:
        """The line of the screen that holds the text, once there is one."""
        shown = await self.until(text)
        return next(line for line in shown.splitlines() if text in line)


Play = Callable[[Driver], Awaitable[None]]
Drive = Callable[..., None]


@pytest.fixture
def drive() -> Drive:
    """Run the screen over databases, play on it, and end it."""

    def run(urls: list[str | Watched], play: Play, *, size: tuple[int, int] = (120, 40), interval: float = 0.2) -> None:
        watched = [w if isinstance(w, Watched) else Watched(w) for w in urls]

        async def main() -> None:
            app = TopApp(watched, interval=interval)
            async with app.run_test(size=size) as pilot:
                await play(Driver(app, pilot))

        asyncio.run(main())

    return run
