"""A stream of events of a large workflow of which many tries fail: what ``bench/run.py triage`` loads.

Four layers of jobs on many machines. A share of the first tries fails, in seven ways that differ in exit, hold or
output; every message has numbers and paths of its own. One machine spoils most of what runs on it. Most failed jobs are
tried again and end well, the others fail for good.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

UUID = "5f0e7c1e-0000-4000-8000-00000000f001"
TRANSFORMATIONS = ("mProject", "mDiffFit", "mBackground", "mAdd")
HOSTS = 50
#: the machine with the full disk, and the share of its jobs that it spoils
BAD_HOST = 7
#: one failed job in so many has no retry left
FINAL = 5
_START = 1_795_000_000

#: (raw exit, stderr) of each way to fail
_WAYS = (
    (256, "{n}: reading /data/in/{n}.fits%0AFATAL: /data/in/{n}.fits: header card {m} is damaged%0A"),
    (768, "starting%0AERROR: licence server lic{k}.example.org said: no token after {m} s%0A"),
    (11, "step {m} of {n}%0A"),
    (
        256,
        "Traceback (most recent call last):%0A  File %22/opt/app/{k}/run.py%22, line {k}%0AValueError: bad flag {n}%0A",
    ),
    (512, "{n}: convergence failed after {m} rounds, residual 0.{n}%0A"),
)
_FULL = (256, "head: error writing '/scratch/dir_{n}/out.dat': No space left on device%0A")
_HOLD = (
    "Transfer input files failure at access point submit.example.org while sending files to execution point "
    "slot1_{k}@{host}. Details: reading from file /home/u/in/{n}.dat: (errno 2) No such file or directory"
)


def write(target: Path, jobs: int, failing: int, seed: int = 1) -> dict[str, int]:
    """Write the stream; how many tries fail in each way (``hold`` and ``disk`` beside the five numbered ones)."""
    dice = random.Random(seed)
    told: dict[str, int] = {}
    with target.open("w", buffering=1 << 20) as stream:
        stream.writelines(line + "\n" for line in _static(jobs))
        chosen = set(dice.sample(range(jobs), failing))
        stopped: set[int] = set()
        for node in range(jobs):
            if node - jobs // len(TRANSFORMATIONS) in stopped:
                stopped.add(node)
                continue
            lines = list(_job(node, jobs, node in chosen, dice, told))
            if node in chosen and (node % FINAL == 0 or "held" in lines[-1]):
                stopped.add(node)
            stream.writelines(line + "\n" for line in lines)
        stream.write(_line(_START + jobs // 100 + 900, "xwf.end", "restart_count=0 status=1") + "\n")
    return told


def _line(ts: float, event: str, rest: str) -> str:
    return f"ts={ts:.6f} event=stampede.{event} level=Info xwf.id={UUID} {rest}"


def _name(node: int, jobs: int) -> str:
    return f"{TRANSFORMATIONS[node * len(TRANSFORMATIONS) // jobs]}_ID{node:07d}"


def _static(jobs: int) -> Iterator[str]:
    yield _line(_START, "wf.plan", "submit.hostname=submit dax.label=failing dax.index=0 dax.version=5.0 dax.file=w.yml"
                " dag.file.name=failing-0.dag planner.version=5.1 user=u submit.dir=/home/u/failing"
                f' argv="" root.xwf.id={UUID}')  # fmt: skip
    width = jobs // len(TRANSFORMATIONS)
    for node in range(jobs):
        name = _name(node, jobs)
        yield _line(_START, "task.info", f"task.id=ID{node:07d} type=1 type_desc=compute"
                    f" transformation={name.split('_')[0]} argv=\"-n {node}\"")  # fmt: skip
        yield _line(_START, "job.info", f"job.id={name} submit_file=00/{name}.sub type=1 type_desc=compute clustered=0"
                    f" max_retries=1 executable=/opt/app/{name.split('_')[0]} argv=\"-n {node}\""
                    " task_count=1")  # fmt: skip
        yield _line(_START, "wf.map.task_job", f"task.id=ID{node:07d} job.id={name}")
    for node in range(width, jobs):
        above = node - width
        yield _line(_START, "job.edge", f"parent.job.id={_name(above, jobs)} child.job.id={_name(node, jobs)}")
    yield _line(_START, "static.end", "")
    yield _line(_START, "xwf.start", "restart_count=0")


def _job(node: int, jobs: int, fails: bool, dice: random.Random, told: dict[str, int]) -> Iterator[str]:
    ts = _START + 10 + node / 100
    name = _name(node, jobs)
    if not fails:
        yield from _try(name, node, 1, ts, dice.randrange(HOSTS), 0, "", dice)
        return
    host = BAD_HOST if dice.random() < 0.2 else dice.randrange(HOSTS)
    if host == BAD_HOST:
        way, (raw, text) = "disk", _FULL
    elif dice.random() < 0.1:
        told["hold"] = told.get("hold", 0) + 1
        yield from _held(name, node, ts, host, dice)
        return
    else:
        number = dice.randrange(len(_WAYS))
        way, (raw, text) = str(number), _WAYS[number]
    said = text.format(n=node, m=dice.randrange(9999), k=dice.randrange(9))
    told[way] = told.get(way, 0) + 1
    yield from _try(name, node, 1, ts, host, raw, said, dice)
    if node % FINAL:
        yield from _try(name, node, 2, ts + 60, (host + 1) % HOSTS if host == BAD_HOST else host, 0, "", dice)
    else:
        told[way] += 1
        yield from _try(name, node, 2, ts + 60, host, raw, said, dice)


def _try(
    name: str, node: int, number: int, ts: float, host: int, raw: int, said: str, dice: random.Random
) -> Iterator[str]:
    seq = node * 2 + number
    who = f"job.id={name} job_inst.id={seq} sched.id={seq}.0"
    took = 20 + dice.randrange(20)
    status = 0 if raw == 0 else -1
    yield _line(ts, "job_inst.submit.end", f"{who} js.id=1 status=0")
    yield _line(ts + 5, "job_inst.main.start", f"{who} js.id=2 stdout.file={name}.out stderr.file={name}.err"
                f" slot=slot1_{node % 8}@node{host:03d}.example.org")  # fmt: skip
    yield _line(ts + 5 + took, "job_inst.main.term", f"{who} js.id=3 status=0")
    output = "" if raw == 0 else f' stderr.text="{said}"'
    yield _line(ts + 5 + took, "job_inst.main.end", f"{who} js.id=4 site=pool{host % 5} local.dur={took}"
                f" status={status} exitcode={raw} stdout.text=\"{node} rows read%0A\"{output}")  # fmt: skip
    yield _line(ts + 5 + took, "job_inst.host.info", f"{who} site=pool{host % 5} hostname=node{host:03d}.example.org"
                f" ip=192.0.2.{host}")  # fmt: skip
    kind = name.split("_")[0]
    yield _line(ts + 5 + took, "inv.end", f"{who} inv.id=1 start_time={ts + 5:.3f} dur={took}"
                f" remote_cpu_time={took - 1} exitcode={raw} transformation={kind} executable=/opt/app/{kind}"
                f" task.id=ID{node:07d}")  # fmt: skip


def _held(name: str, node: int, ts: float, host: int, dice: random.Random) -> Iterator[str]:
    seq = node * 2 + 1
    who = f"job.id={name} job_inst.id={seq} sched.id={seq}.0"
    reason = _HOLD.format(k=dice.randrange(8), host=f"node{host:03d}.example.org", n=node)
    yield _line(ts, "job_inst.submit.end", f"{who} js.id=1 status=0")
    yield _line(ts + 9, "job_inst.held.start", f'{who} js.id=2 code=13 subcode=2 reason="{reason}"')
