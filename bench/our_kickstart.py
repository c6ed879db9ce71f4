"""our_kickstart.py NAMES REPEAT: our parser over the files that NAMES lists, as peer_drivers/parse_kickstart.py does.

Prints one JSON line: files, records, wall and CPU seconds of reading and parsing, the interpreter's start left out.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from stampede.sources.pegasus.joboutput import parse_output


def main() -> None:
    names = Path(sys.argv[1]).read_text().split("\n")
    records = 0
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(int(sys.argv[2])):
        for name in names:
            with open(name, "rb") as stream:
                records += len(parse_output(stream.read()).invocations)
    figures = {
        "files": len(names) * int(sys.argv[2]),
        "records": records,
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
