"""The demo behind ``make demo``: two recorded runs are loaded and asked about, in a folder of their own.

Nothing is faked: ``tests/corpus/pg_fail`` was left by a real Pegasus 5.1 run on HTCondor 23.9,
``tests/corpus/dm_g_hold`` by a plain DAGMan run. Each command is shown as one would type it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "demo"
RUNS = {"pg_fail": "a Pegasus workflow that failed", "dm_g_hold": "a plain DAGMan workflow with held jobs"}


def main() -> int:
    """Run the demo; the exit status is 0 when every command did what it should."""
    if DEMO.exists():
        shutil.rmtree(DEMO)
    for name in RUNS:
        shutil.copytree(
            ROOT / "tests" / "corpus" / name, DEMO / name, ignore=shutil.ignore_patterns("README.md", "truth.json")
        )
    for name, what in RUNS.items():
        print(f"\n\033[1m# {what}: {name}\033[0m" if sys.stdout.isatty() else f"\n# {what}: {name}")
        _run(f"stampede load demo/{name}", expect={0})
        _run(f"stampede status demo/{name}", expect={1})
        _run(f"stampede triage demo/{name}", expect={1})
    print("\n# more answers" if not sys.stdout.isatty() else "\n\033[1m# more answers\033[0m")
    _run("stampede trace f.b2 demo/pg_fail", expect={0})
    _run("stampede stats demo/pg_fail", expect={0})
    _run("stampede report demo/pg_fail -o demo/pg_fail.html", expect={0})
    print("\nOpen demo/pg_fail.html in a browser: pictures, tables and causes of the run, in one file.")
    print("Go on with:  stampede jobs demo/pg_fail     stampede show findrange_ID0000003 demo/pg_fail")
    print("The databases lie beside the DAG files: demo/*/*.stampede.sqlite")
    return 0


def _run(command: str, *, expect: set[int]) -> None:
    print(f"\n$ {command}", flush=True)
    code = subprocess.run(command.split(), cwd=ROOT, check=False).returncode
    if code not in expect:
        raise SystemExit(f"{command} ended with status {code}, expected {sorted(expect)}")


if __name__ == "__main__":
    sys.exit(main())
