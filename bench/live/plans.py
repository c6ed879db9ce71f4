"""Submit directories of workflows that have not run yet, of any size: DAG, planner's events, submit files.

A layered workflow of compute jobs as Pegasus plans it. Every job has a PRE and a POST script, up to three retries and
one or two parents. A submit file serves the jobs of one folder, or there is one a job. A plain DAG has VARS of its own
for each node, as people write them, and no files of the planner. Made in one pass, line by line: 100,000 jobs take a
few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO
from uuid import uuid4

from bench.live.submit_text import braindump, submit_text

TRANSFORMATIONS = ("mProject", "mDiffFit", "mBackground", "mShrink", "mAdd")
PEGASUS = "/opt/pegasus"
#: jobs of one folder
_PER_FOLDER = 250


class Plan:
    """A workflow and where it lies. ``outputs`` is the share of jobs that leave a kickstart record (others: text)."""

    def __init__(
        self, folder: Path, jobs: int, *, label: str = "live", pegasus: bool = True, scripts: bool = True,
        outputs: float = 1.0, own_submit_files: bool = False, retries: int = 3, uuid: str = "",
    ) -> None:  # fmt: skip
        self.folder = folder
        self.jobs = jobs
        self.label = label
        self.pegasus = pegasus
        self.pre = self.post = scripts
        self.outputs = outputs
        self.own_submit_files = own_submit_files
        self.retries = retries
        self.uuid = uuid or str(uuid4())
        self.dag = f"{label}-0.dag" if pegasus else f"{label}.dag"
        self.nodes_log = folder / f"{self.dag}.nodes.log"
        self.log = folder / f"{self.dag}.dagman.out"
        self.width = -(-jobs // len(TRANSFORMATIONS))

    # ---- the graph --------------------------------------------------------------------------------------------------

    def transformation(self, node: int) -> str:
        """What the job runs; one transformation a layer."""
        return TRANSFORMATIONS[node // self.width]

    def name(self, node: int) -> str:
        """Name of a node."""
        return f"{TRANSFORMATIONS[node // self.width]}_ID{node + 1:07d}"

    def parents(self, node: int) -> tuple[int, ...]:
        """The job above, and for every other job its neighbour too."""
        above = node - self.width
        if above < 0:
            return ()
        if node & 1 and (above + 1) % self.width:
            return above, above + 1
        return (above,)

    def children(self, node: int) -> tuple[int, ...]:
        """The other way round."""
        below = node + self.width
        second = below - 1
        both = (below,) if below < self.jobs else ()
        if second & 1 and second < self.jobs and node % self.width:
            return (*both, second)
        return both

    # ---- names ------------------------------------------------------------------------------------------------------

    def sub_folder(self, node: int) -> str:
        """The folder of a job's files, as Pegasus spreads them."""
        number = node // _PER_FOLDER
        return f"{number // 256:02X}/{number % 256:02X}"

    def submit_file(self, node: int) -> str:
        """The submit file of a job."""
        if self.own_submit_files:
            return f"{self.sub_folder(node)}/{self.name(node)}.sub"
        return f"{self.sub_folder(node)}/{self.transformation(node)}.sub"

    def output(self, node: int) -> str:
        """Standard output and error of a job, without their ending; empty when it leaves none."""
        return f"{self.sub_folder(node)}/{self.name(node)}" if self.outputs > 0 else ""

    def has_record(self, node: int) -> bool:
        """Whether the job's output is a kickstart record."""
        return node % 1000 < self.outputs * 1000

    # ---- files ------------------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Write all that is there before DAGMan starts."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for node in range(0, self.jobs, _PER_FOLDER):
            (self.folder / self.sub_folder(node)).mkdir(parents=True, exist_ok=True)
        with (self.folder / self.dag).open("w", buffering=1 << 20) as file:
            self._write_dag(file)
        self._write_submit_files()
        if self.pegasus:
            now = time.time()
            (self.folder / "braindump.yml").write_text(braindump(self.folder, self.label, self.uuid, self.dag, now))
            with (self.folder / f"{self.label}-0.static.bp").open("w", buffering=1 << 20) as file:
                file.writelines(self._planner_events(now))

    def _write_dag(self, file: TextIO) -> None:
        rule = "#" * 70
        file.write(
            f"{rule}\n# PEGASUS WMS GENERATED DAG FILE\n# DAG {self.label}\n# Index = 0, Count = null\n{rule}\n\n"
        )
        for node in range(self.jobs):
            name, folder = self.name(node), self.sub_folder(node)
            file.write(f"JOB {name} {self.submit_file(node)}\n")
            if self.pre:
                file.write(f"SCRIPT PRE {name} {PEGASUS}/bin/pegasus-check-inputs -w {self.label} {name}\n")
            if self.post:
                file.write(
                    f"SCRIPT POST {name} {PEGASUS}/bin/pegasus-exitcode  -r $RETURN -R $RETRY"
                    f" -s PegasusLite:+exitcode+0 -l {self.label}-0.exitcode.log -M {self.label}-0.cache.meta -N"
                    f"    .//{folder}/{name}.out\n"
                )
            if self.retries:
                file.write(f"PRIORITY {name} 20\nRETRY {name} {self.retries}\n")
            own = "" if self.pegasus else f' args="-i f.{node} -o f.{node}.out"'
            file.write(f'VARS {name} My.DAGNodeRetry="$(RETRY)"{own}\n\n')
        for node in range(self.jobs):
            below = self.children(node)
            if below:
                file.write(f"PARENT {self.name(node)} CHILD {' '.join(map(self.name, below))}\n")

    def _write_submit_files(self) -> None:
        last = ""
        for node in range(self.jobs):
            path = self.submit_file(node)
            if path != last:
                name = self.name(node) if self.own_submit_files else "$(JOB)"
                text = submit_text(self, self.transformation(node), name, self.sub_folder(node))
                (self.folder / path).write_text(text)
                last = path

    def _planner_events(self, now: float) -> Iterator[str]:
        head = f"ts={time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.000000Z event="
        wf = f"xwf.id={self.uuid}"
        nodes = range(self.jobs)
        for n in nodes:
            yield (f'{head}task.info {wf} task.id="{self.name(n)}" type="1" type_desc="compute"'
                   f' transformation="bench::{self.transformation(n)}:1.0" argv="-o f.{n}.out" \n')  # fmt: skip
        for n in nodes:
            for child in self.children(n):
                yield (f'{head}task.edge {wf} parent.task.id="{self.name(n)}"'
                       f' child.task.id="{self.name(child)}" \n')  # fmt: skip
        yield f"{head}static.meta.start {wf} \n"
        yield f'{head}xwf.meta {wf} key="wf.api" value="python" \n{head}static.meta.end {wf} \n'
        for n in nodes:
            yield (f'{head}job.info {wf} job.id="{self.name(n)}" submit_file="{self.submit_file(n)}" type="1"'
                   f' type_desc="compute" clustered="0" max_retries="{self.retries}"'
                   f' executable="{self.folder}/{self.sub_folder(n)}/{self.name(n)}.sh" task_count="1" \n')  # fmt: skip
        for n in nodes:
            yield f'{head}wf.map.task_job {wf} job.id="{self.name(n)}" task.id="{self.name(n)}" \n'
        for n in nodes:
            for child in self.children(n):
                yield (f'{head}job.edge {wf} parent.job.id="{self.name(n)}"'
                       f' child.job.id="{self.name(child)}" \n')  # fmt: skip
