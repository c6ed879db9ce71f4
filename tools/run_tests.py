"""All tests of Python, in two runs of pytest at once: those that wait for servers and for real time, and the others.

python tools/run_tests.py [PYTEST OPTIONS]

Each starts what it needs on ports and in folders of its own. The output of the first run is shown when both have ended.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

#: what waits more than it computes
WAITING = ("tests/contract", "tests/faults", "tests/bus", "tests/consuming", "tests/importing", "tests/store")


def main() -> int:
    """The exit code of pytest: that of the first run that failed, else 0."""
    command = [sys.executable, "-m", "pytest", *sys.argv[1:]]
    with tempfile.TemporaryFile() as said:
        waiting = subprocess.Popen(
            [*command, "-p", "no:cacheprovider", *WAITING], stdout=said, stderr=subprocess.STDOUT
        )
        try:
            others = subprocess.run([*command, *(f"--ignore={path}" for path in WAITING)], check=False).returncode
            servers = waiting.wait()
        finally:
            waiting.terminate()
            said.seek(0)
            sys.stdout.flush()
            print(f"\n{' '.join(WAITING)}:", flush=True)
            sys.stdout.buffer.write(said.read())
            sys.stdout.flush()
    return servers or others


if __name__ == "__main__":
    sys.exit(main())
