"""What runs share: servers, networks, disks, and the events that are sent."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import Final

from bench.faults.network import Network
from bench.faults.servers import SERVERS, Rabbit, Server
from bench.faults.volume import Volume
from stampede import pipeline
from tests.sent import run as records_of

_CORPUS: Final = Path(__file__).resolve().parents[2] / "tests" / "corpus"
#: recorded runs: of Pegasus, with holds, with sub-workflows, with a rescue
RECORDED: Final = ("pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue")
#: generated workflows, and their jobs
_WORKFLOWS: Final = 4
SIZES: Final = (100, 200, 400)
_FILE_MB, _SPOOL_MB = 64, 6


class Laboratory:
    """Room ``number`` (1 to 250), in a folder of its own; servers are started when they are first asked for."""

    def __init__(self, number: int, kept: Path) -> None:
        self.kept = kept
        self.folder = Path(tempfile.mkdtemp(prefix=f"stampede-faults-{number}-"))
        self.folder.chmod(0o755)
        self.network = Network(number)
        self.files = Volume(self.folder / "files", _FILE_MB)
        self.spools = Volume(self.folder / "spools", _SPOOL_MB)
        self._servers: dict[str, Server] = {}
        self._broker: Rabbit | None = None
        self._truths: dict[str, Path] = {}

    @property
    def broker(self) -> Rabbit:
        """The broker."""
        if self._broker is None:
            self._broker = Rabbit(self.folder / "mq", self.network.address("servers", "bus"))
        return self._broker

    def server(self, kind: str) -> Server:
        """A database server."""
        if kind not in self._servers:
            address = self.network.address("servers", "data")
            self._servers[kind] = SERVERS[kind](self.folder / kind, address)
        return self._servers[kind]

    def sources(self, name: str) -> list[Path]:
        """What is sent: recorded runs, or so many generated workflows with so many jobs each."""
        if name == "recorded":
            return [_CORPUS / one for one in RECORDED]
        folder = self.folder / "sources" / name
        if not folder.exists():
            folder.mkdir(parents=True)
            for number in range(_WORKFLOWS):
                lines = records_of(int(name), uuid=str(uuid.UUID(int=number + 1)))
                (folder / f"run{number}.jsonl").write_bytes(b"\n".join(lines) + b"\n")
        return sorted(folder.iterdir())

    def truth(self, name: str) -> Path:
        """The database that an undisturbed load of a source gives."""
        if name not in self._truths:
            path = self.folder / f"truth-{name}.sqlite"
            pipeline.load(self.sources(name), f"sqlite:///{path}")
            self._truths[name] = path
        return self._truths[name]

    def close(self) -> None:
        """End everything, and leave nothing behind but what was kept."""
        for server in self._servers.values():
            server.close()
        if self._broker is not None:
            self._broker.close()
        self.network.close()
        for volume in (self.files, self.spools):
            volume.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def environment(state: Path) -> dict[str, str]:
    """What our processes find around them."""
    found = {k: v for k, v in os.environ.items() if not k.startswith(("STAMPEDE_", "PYTEST"))}
    return found | {"TZ": "UTC", "STAMPEDE_STATE": str(state), "HOME": str(state)}
