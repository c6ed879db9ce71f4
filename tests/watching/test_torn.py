"""A log that is rotated, cut or begun anew while nobody reads it costs nothing of what was and what comes."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from test_growth import facts

from stampede import pipeline
from stampede.watching import Watching

#: written once DAGMan has ended
_LATE = (".dagman.log", ".metrics", ".lib.out")


def follow(folder: Path, database: Path, *, until: int | None = None) -> None:
    """Watch until the run has ended, or until that much of its log was stored."""
    with Watching() as watching:
        one = watching.add(folder, f"sqlite:///{database}")
        end = time.monotonic() + 30
        while not watching.ended and time.monotonic() < end:
            watching.turn(0.05)
            if until is not None and one.events and not one.progress.unread_bytes:
                return
        assert until is not None or watching.ended


@pytest.mark.parametrize("share", [0.3, 0.55, 0.8])
@pytest.mark.parametrize("how", ["rotated", "rotated with lines unread", "begun anew"])
@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold"])
def test_a_watch_that_finds_its_log_torn_goes_on_where_the_database_stands(
    corpus: Path, tmp_path: Path, name: str, how: str, share: float
) -> None:
    folder, whole = tmp_path / "s", tmp_path / "whole.db"
    shutil.copytree(corpus / name, folder)
    pipeline.load([folder], f"sqlite:///{whole}")
    (log,) = folder.glob("*.dagman.out")
    data = log.read_bytes()
    late = {p: p.read_bytes() for p in folder.iterdir() if p.name.endswith(_LATE) or ".rescue" in p.name}
    for path in late:
        path.unlink()
    cut = data.rfind(b"\n", 0, int(len(data) * share)) + 1
    log.write_bytes(data[:cut])
    torn = tmp_path / "torn.db"
    follow(folder, torn, until=cut)

    unread = data.find(b"\n", cut + (len(data) - cut) // 3) + 1 if how == "rotated with lines unread" else cut
    with log.open("ab") as file:
        file.write(data[cut:unread])
    if how != "begun anew":
        os.rename(log, f"{log}.old")
    log.write_bytes(data[unread:])
    for path, content in late.items():
        path.write_bytes(content)
    follow(folder, torn)

    ours, theirs = facts(torn), facts(whole)
    for table in theirs:
        assert ours[table] == theirs[table], table
