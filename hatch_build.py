"""Builds the dashboard into a wheel or source archive, where Node is there and it is not built yet."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DashboardHook(BuildHookInterface):  # type: ignore[type-arg]
    """An installation for work on the code (``pip install -e``) takes what ``make web`` builds."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build ``web/`` unless its result lies there. Raises RuntimeError when that cannot be done."""
        root = Path(self.root)
        static = root / "src" / "stampede" / "service" / "static"
        if version != "editable" and not (static / "index.html").exists():
            npm = shutil.which("npm")
            if npm is None:
                raise RuntimeError("A wheel holds the dashboard, which is built with Node 20 or newer: npm was not found.")
            for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
                subprocess.run([npm, *arguments], cwd=root / "web", check=True)
