"""The demo behind ``make demo``: recorded runs are loaded and asked about; then some happen once more on the dashboard.

Nothing is faked: ``tests/corpus/pg_fail`` was left by a real Pegasus 5.1 run on HTCondor 23.9, the others by plain
DAGMan runs. Each command is shown as one would type it. At a terminal the dashboard stays until Ctrl-C; elsewhere (CI)
it is asked, and the demo ends.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import webbrowser
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "demo"
RUNS = {"pg_fail": "a Pegasus workflow that failed", "dm_g_hold": "a plain DAGMan workflow with held jobs"}
#: runs that happen once more, and how many times as fast as they did
LIVE = {"pg_fail": "4", "dm_e_subdag": "2", "dm_c_rescue": "2"}
_LONGEST_PAUSE_S = "8"


def main() -> int:
    """Run the demo; the exit status is 0 when every command did what it should."""
    if DEMO.exists():
        shutil.rmtree(DEMO)
    # what the demo watches is none of the user's own
    os.environ["STAMPEDE_STATE"] = str(DEMO / "state")
    for name in RUNS:
        shutil.copytree(
            ROOT / "tests" / "corpus" / name, DEMO / name, ignore=shutil.ignore_patterns("README.md", "truth.json")
        )
    for name, what in RUNS.items():
        _head(f"{what}: {name}")
        _run(f"stampede load demo/{name}", expect={0})
        _run(f"stampede status demo/{name}", expect={1})
        _run(f"stampede triage demo/{name}", expect={1})
    _head("more answers")
    _run("stampede trace f.b2 demo/pg_fail", expect={0})
    _run("stampede stats demo/pg_fail", expect={0})
    _run("stampede report demo/pg_fail -o demo/pg_fail.html", expect={0})
    print("\nOpen demo/pg_fail.html in a browser: pictures, tables and causes of the run, in one file.")
    _live()
    print("\nGo on with:  stampede jobs demo/pg_fail     stampede show findrange_ID0000003 demo/pg_fail")
    print("The databases lie beside the DAG files: demo/*/*.stampede.sqlite")
    return 0


def _live() -> None:
    """Replayed runs, watched and served until somebody has seen enough."""
    _head("live: recorded runs happen once more, watched, on the dashboard")
    started: list[subprocess.Popen[bytes]] = []
    try:
        for name, speed in LIVE.items():
            started.append(
                _start(f"stampede replay tests/corpus/{name} demo/live/{name} --speed {speed} "
                       f"--longest-pause {_LONGEST_PAUSE_S} --json", stdout=subprocess.DEVNULL)
            )  # fmt: skip
        folders = " ".join(f"demo/live/{name}" for name in LIVE)
        _wait_for([DEMO / "live" / name for name in LIVE])
        started.append(_start(f"stampede watch -q {folders}", stdout=subprocess.DEVNULL))
        serving = _start("stampede serve --json --port 0", stdout=subprocess.PIPE)
        started.append(serving)
        assert serving.stdout is not None
        url = str(json.loads(serving.stdout.readline())["url"])
        print(f"\n\033[1mThe dashboard: {url}\033[0m" if sys.stdout.isatty() else f"\nThe dashboard: {url}", flush=True)
        if sys.stdin.isatty() and sys.stdout.isatty():
            _until_interrupted(url)
        else:
            _ask(url)
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(20)


def _until_interrupted(url: str) -> None:
    print("The runs take about a minute. Stop with Ctrl-C.", flush=True)
    webbrowser.open(url)
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        print()


def _ask(url: str) -> None:
    """What a browser would get: the page, and the runs, which have to go on while they are looked at."""
    page = urlopen(url, timeout=10).read().decode()
    if "/assets/" not in page:
        raise SystemExit("The dashboard is not built: make web")
    seen: list[int] = []
    until = time.monotonic() + 60
    while time.monotonic() < until and len(seen) < 3:
        items = json.load(urlopen(f"{url}/api/v1/workflows?fields=label,dag,state,done,total", timeout=10))["items"]
        done = sum(item["done"] for item in items)
        if items and (not seen or done > seen[-1]):
            seen.append(done)
            states = sorted(f"{item['label'] or item['dag']} {item['state']}" for item in items)
            print(f"  {done} jobs done: {', '.join(states)}", flush=True)
        time.sleep(0.5)
    if len(seen) < 3:
        raise SystemExit(f"The runs on the dashboard did not go on: {seen}")


def _wait_for(folders: list[Path]) -> None:
    until = time.monotonic() + 20
    while not all(any(folder.glob("*.dag.dagman.out")) for folder in folders):
        if time.monotonic() > until:
            raise SystemExit("The replays did not begin.")
        time.sleep(0.1)


def _head(what: str) -> None:
    print(f"\n\033[1m# {what}\033[0m" if sys.stdout.isatty() else f"\n# {what}")


def _run(command: str, *, expect: set[int]) -> None:
    print(f"\n$ {command}", flush=True)
    code = subprocess.run(command.split(), cwd=ROOT, check=False).returncode
    if code not in expect:
        raise SystemExit(f"{command} ended with status {code}, expected {sorted(expect)}")


def _start(command: str, *, stdout: int) -> subprocess.Popen[bytes]:
    print(f"$ {command} &", flush=True)
    return subprocess.Popen(command.split(), cwd=ROOT, stdout=stdout, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
