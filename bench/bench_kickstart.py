"""How fast the output of jobs is read, as ratios against the general parsers in the same run.

    python bench/bench_kickstart.py FOLDER [FOLDER ...]

Reads every ``*.out.NNN`` and ``*.sub`` below the folders (recorded submit directories) into memory first, then prints
records a second of the scanner, of PyYAML's ``safe_load`` (what the Pegasus tools call) and of its C loader, and
microseconds a file of ``parse_output``, ``read_submit`` and the XML reader. Times are processor time, best of five.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from stampede.sources.pegasus.joboutput import parse_output
from stampede.sources.pegasus.kickstart import extent, scan_record
from stampede.sources.pegasus.submit_file import read_submit

_OUTPUT = re.compile(r".*\.out(\.\d{3})?$")


def best(work: Callable[[], object], repeats: int = 5) -> float:
    """Seconds of processor time of the fastest of some runs."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def records_of(outputs: Sequence[bytes]) -> list[str]:
    """The YAML records in ``outputs``, each cut out of its file."""
    found = []
    for data in outputs:
        text = data.decode("latin-1")
        start = text.find("- invocation: True\n")
        while start != -1:
            end = extent(text, start)
            found.append(text[start:end])
            start = text.find("- invocation: True\n", end)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    files = [path for folder in parser.parse_args().folders for path in sorted(folder.rglob("*")) if path.is_file()]
    outputs = [path.read_bytes() for path in files if _OUTPUT.match(path.name) and ".dagman." not in path.name]
    submits = [path.read_bytes() for path in files if path.suffix == ".sub"]
    records = records_of(outputs)
    if not records:
        print("no kickstart records below these folders", file=sys.stderr)
        return 1
    size = sum(map(len, records)) / len(records)
    print(
        f"{len(records)} records of {size:.0f} bytes on average in {len(outputs)} output files; "
        f"{len(submits)} submit files"
    )

    sample = records[:: max(1, len(records) // 25)]
    reference = len(sample) / best(lambda: [yaml.safe_load(text) for text in sample], 1)
    c_loader = len(sample) / best(lambda: [yaml.load(text, Loader=yaml.CBaseLoader) for text in sample], 2)
    scanner = len(records) / best(lambda: [scan_record(text, 0) for text in records])
    print(f"PyYAML safe_load        {reference:10.0f} records/s      1 x")
    print(f"PyYAML CBaseLoader      {c_loader:10.0f} records/s  {c_loader / reference:5.0f} x")
    print(f"scanner                 {scanner:10.0f} records/s  {scanner / reference:5.0f} x")
    single = [data for data in outputs if data.startswith(b"- invocation:") and data.count(b"- invocation:") == 1]
    xml = [data for data in outputs if data.startswith(b"<?xml")]
    for name, work, kind in (
        ("parse_output, one record", single, parse_output),
        ("parse_output, XML", xml, parse_output),
        ("read_submit", submits, read_submit),
    ):
        if work:
            seconds = best(lambda work=work, kind=kind: [kind(data) for data in work])  # type: ignore[misc]
            print(f"{name:24}{seconds / len(work) * 1e6:10.1f} us/file     ({len(work)} files)")
    if xml:
        count = sum(len(parse_output(data).invocations) for data in xml)
        seconds = best(lambda: [parse_output(data) for data in xml])
        print(f"XML                     {count / seconds:10.0f} records/s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
