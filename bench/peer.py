"""The peer: Pegasus 5.1.3 from PyPI in a virtual environment of its own, its tools run by path.

    python bench/peer.py install                     make the environment (once; a few minutes), print its Python
    python bench/peer.py replay SUBMIT DB            pegasus-monitord over a finished submit directory
    python bench/peer.py load X.bp DB                its event loader alone
    python bench/peer.py statistics SUBMIT           pegasus-statistics -s all
    python bench/peer.py analyzer SUBMIT             pegasus-analyzer
    python bench/peer.py kickstart FILE...           its kickstart parser, timed

The wheel has no console scripts: each tool is a file below ``Pegasus/cli`` run by path, from a directory other than
``Pegasus`` itself (a ``yaml.py`` lies there). No code of the peer is in this tree; what has to run inside its
interpreter is in ``bench/peer_drivers`` and only calls it. The environment is looked for in ``--venv``, the
environment variable ``STAMPEDE_PEER_PYTHON`` (an interpreter that has it), then
``${XDG_CACHE_HOME:-~/.cache}/stampede-bench/peer-5.1.3``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.measure import Cost, run

VERSION = "5.1.3"
DRIVERS = Path(__file__).resolve().parent / "peer_drivers"
#: what pegasus-monitord leaves in a submit directory, and its database
MONITOR_FILES = ("*.stampede.db*", "jobstate.log*", "monitord*", "statistics")


class PeerMissingError(Exception):
    """The peer is not here and could not be made; the message says why in one sentence."""


class PeerFailedError(Exception):
    """A tool of the peer ended otherwise than it should."""


class Peer(msgspec.Struct, frozen=True):
    """An interpreter that has the peer, and the folder where its package lies."""

    python: Path
    package: Path

    def tool(self, name: str) -> Path:
        """The file of a command-line tool: ``monitord``, ``statistics``, ``analyzer``."""
        return self.package / "cli" / f"pegasus-{name}.py"


def cache_folder() -> Path:
    """Where the environment is kept from one run to the next."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "stampede-bench" / f"peer-{VERSION}"


def _peer_of(python: Path) -> Peer | None:
    for packages in sorted(python.parent.parent.glob("lib/python3*/site-packages")):
        # pip installs what a package needs before the package: its own record means that all is there
        if (packages / f"pegasus_wms-{VERSION}.dist-info" / "RECORD").is_file():
            return Peer(python, packages / "Pegasus")
    return None


def find(venv: Path | None = None) -> Peer | None:
    """The peer if it is installed already; never installs."""
    if venv is not None:
        return _peer_of(venv / "bin" / "python")
    named = os.environ.get("STAMPEDE_PEER_PYTHON")
    return _peer_of(Path(named)) if named else _peer_of(cache_folder() / "bin" / "python")


def get(venv: Path | None = None) -> Peer:
    """The peer, installed if need be.

    Raises:
        PeerMissingError: it cannot be installed (no network, no compiler, another Python than it can run on).
    """
    peer = find(venv)
    if peer is not None:
        return peer
    if venv is None and os.environ.get("STAMPEDE_PEER_PYTHON"):
        raise PeerMissingError(f"STAMPEDE_PEER_PYTHON names an interpreter without pegasus-wms {VERSION}.")
    folder = venv or cache_folder()
    try:
        _install(folder)
    except (OSError, subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        text = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
        raise PeerMissingError(f"pegasus-wms {VERSION} could not be installed in {folder}: {text[-1]}") from error
    peer = find(folder)
    if peer is None:
        raise PeerMissingError(f"pip said that it installed pegasus-wms {VERSION} in {folder}, but it is not there.")
    return peer


def _install(folder: Path) -> None:
    # SQLAlchemy 1.3, which it is tied to, runs on Python 3.11 but not on all later ones
    python = sys.executable if sys.version_info[:2] == (3, 11) else shutil.which("python3.11") or sys.executable
    folder.parent.mkdir(parents=True, exist_ok=True)
    _quiet([python, "-m", "venv", "--clear", str(folder)], 300)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    _quiet([*pip, f"pegasus-wms=={VERSION}"], 1800)


def _quiet(command: Sequence[str], timeout_s: float) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=timeout_s, stdin=subprocess.DEVNULL)


def copy_submit(source: Path, target: Path, *, monitor_files: bool) -> Path:
    """A writable copy of a submit directory, with or without what a monitor left in it.

    The tools believe the path that braindump records when it exists and would write there: in that case the recorded
    path is replaced by that of the copy. Where it does not exist they fall back on the folder they are given, and the
    files stay as they were.
    """
    leave = None if monitor_files else shutil.ignore_patterns(*MONITOR_FILES)
    shutil.copytree(source, target, symlinks=True, ignore=leave)
    for base, folders, files in os.walk(target):
        for name in (*folders, *files):
            path = Path(base, name)
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o600)
    target.chmod(target.stat().st_mode | 0o700)
    recorded = recorded_dir(target)
    if recorded and Path(recorded).exists():
        for braindump in target.rglob("braindump.yml"):
            braindump.write_text(braindump.read_text().replace(f'"{recorded}', f'"{target}'))
    return target


def recorded_dir(submit: Path) -> str | None:
    """The path of the submit directory on the machine that planned the workflow, as ``braindump.yml`` tells it."""
    braindump = submit / "braindump.yml"
    if not braindump.is_file():
        return None
    found = re.search(r'^submit_dir: *"?([^"\n]+)"?', braindump.read_text(), re.MULTILINE)
    return found[1] if found else None


def _tool(peer: Peer, name: str, *words: str | Path, tz: str, timeout_s: float = 1800) -> Cost:
    with tempfile.TemporaryDirectory(prefix="stampede-peer-home-") as home:  # it writes ~/.pegasus/workflow.db
        env = {"HOME": home, "TZ": tz, "PYTHONPATH": ""}
        return run([peer.python, peer.tool(name), *words], env=env, cwd=Path(home), timeout_s=timeout_s)


def monitord_replay(
    peer: Peer, submit_dir: Path, db: Path, *, tz: str = "UTC", encoding: str | None = None, timeout_s: float = 1800
) -> Cost:
    """pegasus-monitord over a finished submit directory into the SQLite file ``db``; writes into the directory too.

    ``tz`` is the zone of the submit host: dagman.out carries local times. With ``encoding`` (``bp`` or ``json``) the
    events go to the file ``db`` in place of a database.

    Raises:
        PeerFailedError: it ended with another code than 0, or there is no dagman.out.
    """
    logs = sorted(submit_dir.glob("*.dag.dagman.out"))
    if not logs:
        raise PeerFailedError(f"{submit_dir} has no .dag.dagman.out to replay.")
    for pattern in MONITOR_FILES:
        for left in submit_dir.rglob(pattern):
            if left.is_file():
                left.unlink()
    where = ["-d", f"file://{db}", "-e", encoding] if encoding else ["-d", f"sqlite:///{db}"]
    cost = _tool(peer, "monitord", "-r", *where, logs[0], tz=tz, timeout_s=timeout_s)
    if cost.code != 0:
        raise PeerFailedError(f"pegasus-monitord ended with {cost.code}: {cost.last_line()}")
    return cost


def statistics(
    peer: Peer, submit_dir: Path, *, tz: str = "UTC", form: str = "text"
) -> tuple[Cost, dict[str, str]]:  # fmt: skip
    """``pegasus-statistics -s all`` of a submit directory that holds its database: the run, its reports by name.

    ``form`` is ``text`` or ``csv``.
    """
    with tempfile.TemporaryDirectory(prefix="stampede-peer-statistics-") as folder:
        cost = _tool(peer, "statistics", "-s", "all", "-f", form, "-i", "-o", folder, submit_dir, tz=tz)
        reports = {path.name: path.read_text(errors="replace") for path in sorted(Path(folder).iterdir())}
    return cost, reports


def analyzer(peer: Peer, submit_dir: Path, *words: str, tz: str = "UTC") -> Cost:
    """``pegasus-analyzer`` of a submit directory that holds its database. Code 0: all well, 2: the workflow failed."""
    return _tool(peer, "analyzer", *words, submit_dir, tz=tz)


def _driver(peer: Peer, name: str, *words: str | Path, timeout_s: float = 1800) -> tuple[Cost, dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="stampede-peer-home-") as home:
        env = {"HOME": home, "TZ": "UTC", "PYTHONPATH": ""}
        cost = run([peer.python, DRIVERS / name, *words], env=env, cwd=Path(home), timeout_s=timeout_s)
    if cost.code != 0:
        raise PeerFailedError(f"{name} ended with {cost.code}: {cost.last_line()}")
    answer: dict[str, Any] = json.loads(cost.out.strip().splitlines()[-1])
    return cost, answer


def load_bp(peer: Peer, bp: Path, db: Path) -> tuple[Cost, dict[str, Any]]:
    """The peer's BP parser and loader alone, in batch mode: ``events``, ``wall_s``, ``parse_cpu_s``, ``load_cpu_s``."""
    return _driver(peer, "load_bp.py", bp.resolve(), db.resolve())


def parse_kickstart(peer: Peer, files: Iterable[Path], *, repeat: int = 1) -> tuple[Cost, dict[str, Any]]:
    """The peer's parser over job outputs: ``files``, ``records``, ``wall_s``, ``cpu_s`` of the parsing alone."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as names:
        names.write("\n".join(str(path.resolve()) for path in files))
        names.flush()
        return _driver(peer, "parse_kickstart.py", names.name, str(repeat))


def _show(cost: Cost) -> None:
    print(json.dumps({"code": cost.code, "wall_s": cost.wall_s, "cpu_s": cost.cpu_s, "peak_rss_kb": cost.peak_rss_kb}))


def _do(words: argparse.Namespace, peer: Peer) -> int:
    paths: list[Path] = words.paths
    if words.verb == "install":
        print(peer.python)
    elif words.verb == "replay":
        with tempfile.TemporaryDirectory(prefix="stampede-peer-") as folder:
            copy = copy_submit(paths[0].resolve(), Path(folder) / "submit", monitor_files=False)
            _show(monitord_replay(peer, copy, paths[1].resolve(), tz=words.tz))
    elif words.verb == "load":
        print(json.dumps(load_bp(peer, paths[0], paths[1])[1]))
    elif words.verb == "kickstart":
        print(json.dumps(parse_kickstart(peer, paths)[1]))
    elif words.verb == "analyzer":
        cost = analyzer(peer, paths[0].resolve(), tz=words.tz)
        print(cost.out + cost.err)
        return cost.code
    else:
        cost, reports = statistics(peer, paths[0].resolve(), tz=words.tz)
        print("\n".join([cost.err, *reports.values()]))
        return cost.code
    return 0


def main() -> int:
    """Command line; exit code 3 when the peer is not there and cannot be made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=("install", "replay", "load", "statistics", "analyzer", "kickstart"))
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--venv", type=Path, help="environment to use or make")
    parser.add_argument("--tz", default="UTC", help="zone of the submit host")
    words = parser.parse_args()
    need = {"install": 0, "replay": 2, "load": 2}.get(words.verb, 1)
    if len(words.paths) < need:
        parser.error(f"{words.verb} needs {need} path(s)")
    try:
        return _do(words, get(words.venv))
    except PeerMissingError as error:
        print(error, file=sys.stderr)
        return 3
    except PeerFailedError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
