"""A disk of a few megabytes, which can be filled up and emptied again."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

_BALLAST: Final = "ballast"
_PIECE: Final = 1 << 20


class Volume:
    """A file system in memory, mounted on ``folder``."""

    def __init__(self, folder: Path, size_mb: int) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=0755", "tmpfs", str(folder)], check=True)

    def fill(self) -> None:
        """Take all room that is left."""
        piece = b"\0" * _PIECE
        with open(self.folder / _BALLAST, "ab", buffering=0) as file:
            while len(piece) >= 1:
                try:
                    if file.write(piece) < len(piece):
                        piece = piece[: len(piece) // 2]
                except OSError:
                    piece = piece[: len(piece) // 2]

    def free(self) -> None:
        """Give it back."""
        (self.folder / _BALLAST).unlink(missing_ok=True)

    @property
    def free_bytes(self) -> int:
        """Room that is left."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def close(self) -> None:
        """Take the disk away."""
        subprocess.run(["umount", "-l", str(self.folder)], capture_output=True)
