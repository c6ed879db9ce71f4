"""load_bp.py EVENTS.bp DB: the peer's event loader alone; run by the interpreter that has the peer.

Each line goes through its own BP parser, then to ``WorkflowLoader.process`` in batch mode, as its daemon does. Prints
one JSON line: events, wall seconds, CPU seconds of parsing and of loading.
"""

import json
import logging
import sys
import time

logging.TRACE = 5  # its modules expect this level, which its tools define at their start
logging.Logger.trace = lambda self, *words, **options: None
logging.basicConfig(level=logging.CRITICAL)

from Pegasus.db import connection  # noqa: E402
from Pegasus.db.workflow_loader import WorkflowLoader  # noqa: E402
from Pegasus.netlogger.parsers.base import NLSimpleParser  # noqa: E402
from Pegasus.tools import properties  # noqa: E402


def main() -> None:
    source, db = sys.argv[1:3]
    parser = NLSimpleParser(parse_date=True)
    wall, cpu = time.perf_counter(), time.process_time()
    events = []
    with open(source, encoding="utf-8") as lines:
        for line in lines:
            # its reader takes any ts that begins with 1 for epoch seconds, and so refuses what its planner writes
            if line.startswith("ts=19"):
                line = "ts=20" + line[5:]
            event = parser.parseLine(line)
            if not event["event"].startswith("stampede."):
                event["event"] = "stampede." + event["event"]
            if event.get("reason") == "None":
                event["reason"] = None
            events.append(event)
    parsed = time.process_time()
    loader = WorkflowLoader(
        f"sqlite:///{db}", batch=True, props=properties.Properties(), db_type=connection.DBType.WORKFLOW
    )
    for event in events:
        loader.process(event)
    loader.finish()
    done = time.process_time()
    print(
        json.dumps(
            {
                "events": len(events),
                "wall_s": time.perf_counter() - wall,
                "parse_cpu_s": parsed - cpu,
                "load_cpu_s": done - parsed,
            }
        )
    )


main()
