"""A verb of ours as a process that says where it is when it is asked (SIGUSR1): ``python verb.py consume ...``."""

from __future__ import annotations

import faulthandler
import signal
import sys

if __name__ == "__main__":
    faulthandler.register(signal.SIGUSR1, all_threads=True, chain=False)
    from stampede.cli.main import main

    sys.argv[0] = "stampede"
    main()
