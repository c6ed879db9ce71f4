"""``play``: a recorded-like directory is played back faster than it ran, with kickstart records and all."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bench import peer as peer_tools
from bench import workload
from bench.live.cases import note
from bench.live.options import GOAL, LiveOptions
from bench.live.trial import disk_workspace, filesystem
from bench.measure import run
from bench.measured import Measured

Figures = dict[str, Any]
#: how long a monitor may need after the last line, for both sides alike
GRACE_S = 120


def play(stampede: workload.Stampede, jobs: int, options: LiveOptions, venv: Path | None = None) -> Measured:
    """Line to row as ``play_submit_dir.py`` sees it (it looks every 0.1 s), for us and on request for the peer."""
    player = workload.generator().with_name("play_submit_dir.py")
    with disk_workspace(options.folder) as folder:
        source = workload.submit_dir(folder / "made", jobs)
        ours = _played(
            player, source, folder / "ours", folder / "ours.db", options.speed,
            [*stampede.words, "watch", "{dir}", "--db", f"sqlite:///{folder / 'ours.db'}"], folder,
        )  # fmt: skip
        note(f"ours: {ours}")
        theirs = _peer(player, source, folder, options, venv) if options.peer else None
        kind = filesystem(folder)
    figures: Figures = {"jobs": jobs, "speed": options.speed, "ours": ours, "peer": theirs, "filesystem": kind}
    sentence = (
        f"{jobs} jobs at {options.speed:g} times their speed: line to row p50 {ours['lag_p50_s']} s, p95"
        f" {ours['lag_p95_s']} s, max {ours['lag_max_s']} s; {ours['visible']} of {ours['events']} events seen"
    )
    if theirs is not None:
        sentence += (
            f"; the peer p50 {theirs['lag_p50_s']} s, p95 {theirs['lag_p95_s']} s, max {theirs['lag_max_s']} s,"
            f" {theirs['visible']} of {theirs['events']} seen"
        )
    # the player looks every 0.1 s only
    reached = ours["visible"] == ours["events"] and ours["lag_p95_s"] <= GOAL["p95_s"] + 0.1
    return Measured(sentence, f"p95 < {GOAL['p95_s']} s, seen every 0.1 s", reached, figures)


def _played(
    player: Path, source: Path, target: Path, db: Path, speed: float, monitor: list[str], folder: Path
) -> Figures:
    """Play once with a monitor; what the player says."""
    answer = folder / f"{target.name}.json"
    env = {"TZ": "UTC", "STAMPEDE_STATE": str(folder / "state"), "HOME": str(folder)}
    command = ["env", *(f"{k}={v}" for k, v in env.items()), *monitor]
    cost = run(
        [sys.executable, player, source, target, "--speed", str(speed), "--restamp", "--latency", db, "--cmd",
         " ".join(command) + f" > {folder / (target.name + '.txt')} 2>&1", "--grace", str(GRACE_S), "--json", answer],
        env=env, timeout_s=7200,
    )  # fmt: skip
    if not answer.exists():
        raise workload.UnavailableError(f"play_submit_dir.py ended with {cost.code}: {cost.last_line()}")
    said: Figures = json.loads(answer.read_text())
    return said


def _peer(player: Path, source: Path, folder: Path, options: LiveOptions, venv: Path | None) -> Figures | None:
    """pegasus-monitord as a running workflow has it; None when it is not installed."""
    peer = peer_tools.find(venv)
    if peer is None:
        note("the peer is not installed: python bench/peer.py install")
        return None
    db = folder / "theirs.db"
    words = [str(peer.python), str(peer.tool("monitord")), "-N", "-d", f"sqlite:///{db}", "{dagman}"]
    theirs = _played(player, source, folder / "theirs", db, options.speed, words, folder)
    note(f"the peer: {theirs}")
    return theirs
