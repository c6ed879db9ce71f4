"""DAGs with mishaps, made of nodes that do as they are told: nap, wait for a gate, fail.

A gate is a file in ``gate/``: a job that waits for one stands still until the story opens it, so that what is compared
does not depend on how fast the machine is.
"""

from __future__ import annotations

from pathlib import Path

_SCRIPTS = {
    # nap.sh SECONDS [STATUS]
    "nap.sh": "sleep $1\nexit ${2:-0}\n",
    # gate.sh NAME [STATUS]: gives up after two minutes, so that nothing stays behind
    "gate.sh": "i=0\nwhile [ ! -e gate/$1 ] && [ $i -lt 400 ]; do sleep 0.3; i=$((i+1)); done\nexit ${2:-0}\n",
    # third.sh: exits with 7 twice, then with 0
    "third.sh": "echo x >>out/tries\n[ $(wc -l <out/tries) -ge 3 ] || { echo 'not yet' >&2; exit 7; }\n",
    # need.sh FILE: exits with 3 unless it is there
    "need.sh": '[ -e $1 ] || { echo "FATAL: $1 is missing" >&2; exit 3; }\n',
}

_SUBMIT = """executable = /bin/sh
transfer_executable = False
should_transfer_files = NO
arguments = $(do)
output = out/$(node){each}.out
error = out/$(node){each}.err
log = jobs.log
request_cpus = 1
request_memory = 16
request_disk = 1M
{extra}
queue
"""


def job(name: str, do: str) -> str:
    """A node that runs one of the scripts."""
    return f'JOB {name} job.sub\nVARS {name} node="{name}" do="{do}"\n'


def edge(parents: str, children: str) -> str:
    return f"PARENT {parents} CHILD {children}\n"


DIAMOND = (
    job("A", "nap.sh 1") + job("B", "gate.sh bc") + job("C", "gate.sh bc") + job("D", "nap.sh 1")
    + edge("A", "B C") + edge("B C", "D")
)  # fmt: skip


def wide(n: int) -> str:
    """One, then ``n`` short ones, then one."""
    names = [f"map{i}" for i in range(n)]
    short = "".join(job(name, f"nap.sh 0.{i % 5}") for i, name in enumerate(names))
    return (
        job("split", "nap.sh 0") + short + job("reduce", "nap.sh 0")
        + edge("split", " ".join(names)) + edge(" ".join(names), "reduce")
    )  # fmt: skip


def write(folder: Path, dags: dict[str, str], extra: str = "", *, overwritten: bool = False) -> None:
    """A folder that can be submitted; ``extra`` goes into the submit description of the nodes.

    Each try of a job writes its output into files of its own, unless they are to be overwritten by the next one.
    DAGMan is told to tell the queue how far it is every second rather than every five minutes.
    """
    for name in ("out", "gate"):
        (folder / name).mkdir(parents=True)
    for name, text in _SCRIPTS.items():
        (folder / name).write_text(text)
    (folder / "job.sub").write_text(_SUBMIT.format(extra=extra, each="" if overwritten else ".$(Cluster)"))
    (folder / "dagman.config").write_text("DAGMAN_QUEUE_UPDATE_INTERVAL = 1\n")
    for name, text in dags.items():
        (folder / name).write_text("CONFIG dagman.config\n" + text)
