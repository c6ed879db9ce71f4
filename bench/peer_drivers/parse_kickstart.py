"""parse_kickstart.py NAMES REPEAT: the peer's kickstart parser over the files that NAMES lists, one a line.

Run by the interpreter that has the peer. Prints one JSON line: files, records (dictionaries it returned that describe
an invocation), wall and CPU seconds of the parsing alone.
"""

import json
import logging
import sys
import time

logging.TRACE = 5  # its modules expect this level, which its tools define at their start
logging.Logger.trace = lambda self, *words, **options: None
logging.basicConfig(level=logging.CRITICAL)

from Pegasus.tools import kickstart_parser  # noqa: E402


def parser_of(path: str):
    with open(path, "rb") as stream:
        head = stream.read(4096)
    return kickstart_parser.XMLParser(path) if b"<?xml" in head else kickstart_parser.YAMLParser(path)


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as stream:
        names = stream.read().split("\n")
    records = 0
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(int(sys.argv[2])):
        for name in names:
            records += sum("invocation" in record for record in parser_of(name).parse_stampede())
    print(
        json.dumps(
            {
                "files": len(names) * int(sys.argv[2]),
                "records": records,
                "wall_s": time.perf_counter() - wall,
                "cpu_s": time.process_time() - cpu,
            }
        )
    )


main()
