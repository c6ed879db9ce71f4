"""Where things of the user lie: the default database of a workflow, the state folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import quote, unquote

from stampede.files import open_regular, real

_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "lustre", "gpfs", "beegfs", "ceph", "fuse.sshfs"})
SUFFIX = ".stampede.sqlite"
#: a file name that leaves room for the suffix and for what SQLite appends
_LONGEST_NAME = 200
_LARGEST_DUMP = 1 << 20


def state_folder() -> Path:
    """``$STAMPEDE_STATE``, else ``stampede`` in the XDG state folder."""
    named = os.environ.get("STAMPEDE_STATE")
    if named:
        return Path(named)
    base = os.environ.get("XDG_STATE_HOME")
    return Path(base) / "stampede" if base else Path.home() / ".local" / "state" / "stampede"


def default_url(path: Path) -> str:
    """The database of a submit directory, DAG, log or event file, whether it exists or not.

    ``<dag>.stampede.sqlite`` beside the DAG file when the folder is writable and local, else a file of a name made from
    the path in the state folder. One that exists is preferred to one that would be made.
    """
    beside = _beside(path)
    kept = _kept(beside)
    if os.path.exists(beside):
        return url_of(beside)
    if os.path.exists(kept) or not _usable(beside.parent):
        return url_of(kept)
    return url_of(beside)


def _beside(path: Path) -> Path:
    if os.path.isdir(path):
        stems = sorted({p.name.removesuffix(".dagman.out") for p in path.glob("*.dag.dagman.out")}) or sorted(
            p.name for p in path.glob("*.dag")
        )
        dag = _named_dag(path) or (stems[0] if stems else path.name)
        return real(path) / (dag + SUFFIX)
    return real(path).with_name(path.name.removesuffix(".dagman.out") + SUFFIX)


def _named_dag(folder: Path) -> str | None:
    """The DAG that a braindump names, which decides when several lie in one folder."""
    for name in ("braindump.yml", "braindump.txt"):
        try:
            with open_regular(folder / name) as file:
                text = file.read(_LARGEST_DUMP).decode("utf-8", "replace")
        except OSError:
            continue
        for line in text.splitlines():
            key, _, value = line.replace(":", " ", 1).partition(" ")
            dag = os.path.basename(value.strip().strip("\"'"))
            if key == "dag" and dag.isprintable() and 0 < len(dag.encode()) <= _LONGEST_NAME:
                return dag
    return None


def _kept(beside: Path) -> Path:
    digest = hashlib.sha256(str(beside).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return state_folder() / "databases" / f"{beside.name.removesuffix(SUFFIX)}-{digest}{SUFFIX}"


def _usable(folder: Path) -> bool:
    if not os.access(folder, os.W_OK | os.X_OK) or on_network(folder):
        return False
    try:
        # a folder that root may write to although its mode says nobody may is not meant to be written to
        if os.geteuid() == 0 and not folder.stat().st_mode & 0o222:
            return False
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def on_network(path: Path) -> bool:
    """Whether the path lies on a file system that several machines share (from ``/proc/mounts``; False if unknown)."""
    target, best, kind = str(real(path)), "", ""
    try:
        for line in Path("/proc/mounts").read_text(errors="replace").splitlines():
            fields = line.split()
            mount = fields[1].replace("\\040", " ")
            if (target == mount or target.startswith(mount.rstrip("/") + "/")) and len(mount) >= len(best):
                best, kind = mount, fields[2]
    except (OSError, IndexError):
        return False
    return kind in _NETWORK


def url_of(path: Path) -> str:
    """``sqlite:////absolute/path`` of a file, with what has a meaning in URLs (``%``, ``?``, ``#``) percent-encoded."""
    return "sqlite:///" + quote(str(path), safe="/:@!$&'()*+,;=~ ", errors="surrogateescape")


def file_of(url: str) -> Path:
    """The file behind a URL that :func:`default_url` made."""
    return Path(unquote(url.removeprefix("sqlite:///"), errors="surrogateescape"))
