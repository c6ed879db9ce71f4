"""What only some machines let a test do; where one does not, the test is skipped and says why."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest


def powerless() -> list[str]:
    """A command that runs another one bound by permissions, which root is not."""
    if os.geteuid():
        return []
    command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all", "--no-new-privs"]
    if shutil.which("setpriv") is None or subprocess.run([*command, "true"], capture_output=True).returncode:
        pytest.skip("root could not give up its power over permissions: no setpriv")
    return command


def few_watches(number: int, instances: int = 100) -> list[str]:
    """A command that runs another one where inotify has so few watches and instances."""
    command = [
        "unshare", "--user", "--map-root-user", "sh", "-c",
        f"echo {number} >/proc/sys/user/max_inotify_watches &&"
        f' echo {instances} >/proc/sys/user/max_inotify_instances && exec "$@"', "sh",
    ]  # fmt: skip
    if shutil.which("unshare") is None or subprocess.run([*command, "true"], capture_output=True).returncode:
        pytest.skip("the limits of inotify can be set in a user namespace only, which may not be made here")
    return command


def elsewhere(host: str) -> list[str]:
    """A command that runs another one as if on another machine: with a host name and process ids of its own."""
    command = [
        "unshare", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc",
        "sh", "-c", f'hostname {host} && exec "$@"', "sh",
    ]  # fmt: skip
    if shutil.which("unshare") is None or subprocess.run([*command, "true"], capture_output=True).returncode:
        pytest.skip("namespaces of process ids and host names may not be made here")
    return command
