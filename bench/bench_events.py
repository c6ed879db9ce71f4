"""Events a second: bytes to checked structs and back, as ratios to ``json.loads`` of the same events in the same run.

    python bench/bench_events.py [EVENTS.bp[.gz] …] [--events N] [--peer-python PYTHON]

Without files a synthetic stream is used. ``--peer-python`` names a Python that has pegasus-wms: its parser then reads
the same lines. Times are processor time, the best of three.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from stampede.events import Event, encoder, read
from stampede.events.catalogue import InvEnd, JobInstMainEnd, JobInstMainStart, JobInstSubmitEnd
from stampede.events.checks import Record
from stampede.events.codecs import bp
from stampede.events.dialects import CURRENT
from stampede.events.faults import Faults

_PEER = """
import sys, time
from Pegasus.netlogger.parsers.base import NLSimpleParser
parser = NLSimpleParser(parse_date=True)
lines = open(sys.argv[1]).read().splitlines()
best = 1e9
for _ in range(3):
    start = time.process_time()
    for line in lines:
        try:
            parser.parseLine(line)
        except ValueError:  # its own planner's times of 1970
            pass
    best = min(best, time.process_time() - start)
print(len(lines) / best)
"""


def synthetic(count: int) -> list[Event]:
    """A stream of job instances as a monitor sends them."""
    found: list[Event] = []
    xwf = str(uuid.UUID(int=1))
    for i in range(count // 4):
        job, ts = f"process_ID{i:07}", 1.79e9 + i
        where = {"xwf_id": xwf, "job_id": job, "job_inst_id": i}
        context = {"root.xwf.id": xwf, "wf.ts": "1795295520", "dag": "diamond-0.dag", "wf.user": "wf"}
        found += [
            JobInstSubmitEnd(**where, ts=ts, js_id=1, sched_id=f"{i}.0", status=0, extra=dict(context)),
            JobInstMainStart(**where, ts=ts + 5, js_id=2, stdout_file=f"00/{job}.out", extra=dict(context)),
            JobInstMainEnd(
                **where, ts=ts + 60.5, js_id=4, site="condorpool", user="wf", local_dur=55.0, multiplier_factor=1,
                status=0, exitcode=0, stdout_file=f"00/{job}.out.000", stdout_text="all is well%0A",
                extra=dict(context),
            ),
            InvEnd(
                **where, ts=ts + 60, inv_id=1, start_time=ts + 6, dur=54.25, remote_cpu_time=50.1, exitcode=0,
                transformation="diamond::process:4.0", executable="/usr/bin/keg", argv="-a process -T 60 -i f.a",
                task_id=f"ID{i:07}", maxrss=29596, extra=dict(context),
            ),
        ]  # fmt: skip
    return found


def rate(count: int, work: Callable[[], object]) -> float:
    """Events a second of processor time, the best of three."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return count / best


def drain(data: bytes, form: str) -> int:
    """Reads a whole stream, as the loader does."""
    return sum(len(events) for events, _ in read(io.BytesIO(data), format=form))


def validators_only(lines: list[str]) -> float:
    """The generated functions alone, on records that are parsed beforehand."""
    best = float("inf")
    faults = Faults()
    for _ in range(3):
        records: list[Record] = [bp.parse(line, []) for line in lines]
        work = [(CURRENT[record.pop("event")], record) for record in records]
        start = time.process_time()
        for validate, record in work:
            validate(record, faults)
        best = min(best, time.process_time() - start)
    return len(lines) / best


def load(paths: list[Path], count: int) -> list[Event]:
    """The events of the files, repeated until there are enough."""
    found: list[Event] = []
    for path in paths:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rb") as stream:
            for events, _ in read(stream):  # type: ignore[arg-type]
                found += events
    return (found * (count // len(found) + 1))[:count] if found else synthetic(count)


def peer_rate(python: str, data: bytes) -> float:
    """Lines a second of the peer's parser."""
    with tempfile.NamedTemporaryFile(suffix=".bp") as file:
        file.write(data)
        file.flush()
        done = subprocess.run([python, "-c", _PEER, file.name], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> int:
    """Measures and prints a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("files", nargs="*", type=Path)
    options.add_argument("--events", type=int, default=40_000)
    options.add_argument("--peer-python")
    chosen = options.parse_args()
    events = load(chosen.files, chosen.events)
    streams = {form: b"".join(map(encoder(form), events)) for form in ("bp", "jsonl", "bson")}
    json_lines = streams["jsonl"].splitlines()
    lines = streams["bp"].decode().splitlines()
    reference = rate(len(events), lambda: [json.loads(line) for line in json_lines])
    rows = [("json.loads (reference)", reference), ("validators alone", validators_only(lines))]
    rows.append(("BP line -> record", rate(len(events), lambda: [bp.parse(line, []) for line in lines])))
    for form, data in streams.items():
        rows.append((f"read {form}", rate(len(events), lambda data=data, form=form: drain(data, form))))
        rows.append((f"write {form}", rate(len(events), lambda form=form: list(map(encoder(form), events)))))
    if chosen.peer_python:
        rows.append(("Pegasus NLSimpleParser", peer_rate(chosen.peer_python, streams["bp"])))
    print(f"{len(events)} events, {len(streams['bp']) // len(events)} bytes a BP line")
    for label, value in rows:
        print(f"{label:26} {value:12,.0f} /s  {value / reference:6.2f} x json.loads")
    return 0


if __name__ == "__main__":
    sys.exit(main())
