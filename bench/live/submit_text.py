"""The text of submit files, braindump, kickstart records and logs of jobs, in the forms of Pegasus 5.1."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.live.plans import Plan
    from bench.live.simulation import Try

_PEGASUS = "/opt/pegasus"


def braindump(folder: Path, label: str, uuid: str, dag: str, now: float) -> str:
    """``braindump.yml``."""
    stamp = time.strftime("%Y%m%dT%H%M%S+0000", time.gmtime(now))
    return (
        f'user: "wf"\ngrid_dn: null\nsubmit_hostname: "submit01.example.org"\nroot_wf_uuid: "{uuid}"\n'
        f'wf_uuid: "{uuid}"\ndax: "{folder}/workflow.yml"\ndax_label: "{label}"\ndax_index: "0"\n'
        f'dax_version: "5.0.4"\npegasus_wf_name: "{label}-0"\ntimestamp: "{stamp}"\nbasedir: "{folder.parent}"\n'
        f'submit_dir: "{folder}"\nplanner: "{_PEGASUS}/bin/pegasus-plan"\nplanner_version: "5.1.3"\n'
        f'pegasus_build: "20260101000000Z"\nplanner_arguments: "--sites condorpool workflow.yml"\n'
        f'jsd: "jobstate.log"\nrundir: "{folder.name}"\nbindir: "{_PEGASUS}/bin"\nvogroup: "pegasus"\n'
        f'uses_pmc: "false"\ncondor_log: "{label}-0.log"\ndag: "{dag}"\ntype: "dag"\nnotify: "{label}-0.notify"\n'
    )


def submit_text(plan: Plan, transformation: str, name: str, sub_folder: str) -> str:
    """A submit file; ``name`` may be a macro, so that it serves many jobs."""
    rule = "#" * 70
    place = f"{plan.folder}//{sub_folder}/{name}"
    out, err = (f"{place}.out", f"{place}.err") if plan.outputs > 0 else ("/dev/null", "/dev/null")
    wf = f"PEGASUS_WF_UUID={plan.uuid} PEGASUS_WF_LABEL={plan.label} PEGASUS_DAG_JOB_ID={name}"
    return "\n".join([
        rule, "# PEGASUS WMS GENERATED SUBMIT FILE", f"# DAG : {plan.label}, Index = 0, Count = null",
        f"# SUBMIT FILE NAME : {name}.sub", rule, "stream_error  = false", "stream_output = false",
        f'environment = "LANG=en_US.UTF-8 PEGASUS_HOME={_PEGASUS} PATH={_PEGASUS}/bin:/usr/local/bin:/usr/bin:/bin'
        f' CONDOR_JOBID=$(cluster).$(process) {wf} PEGASUS_SITE=condorpool"',
        "+WantIOProxy = True", f"error = {err}", f"executable = {place}.sh",
        f"log = {plan.folder}/{plan.label}-0.log", "notification = NEVER", f"output = {out}",
        "periodic_release = False",
        "periodic_remove = (JobStatus == 5) && ((CurrentTime - EnteredCurrentStatus) > 30)",
        "priority = 20", "request_cpus = $(pegasus_cores)", "request_disk = $(pegasus_diskspace_mb) MB",
        "request_memory = $(pegasus_memory_mb) MB", "should_transfer_files = YES",
        "submit_event_user_notes = pool:condorpool", "transfer_executable = true",
        "transfer_input_files = f.b2,$(wf_submit_dir)/pegasus-lite-common.sh", "transfer_output_files = f.c2",
        "universe = vanilla", f"wf_submit_dir = {plan.folder}", "when_to_transfer_output = ON_EXIT",
        "pegasus_job_runtime = 0", "pegasus_cores = 1", "pegasus_gpus = 0", "pegasus_memory_mb = 2048",
        "pegasus_diskspace_mb = 5120", '+pegasus_generator = "Pegasus"', f'+pegasus_root_wf_uuid = "{plan.uuid}"',
        f'+pegasus_wf_uuid = "{plan.uuid}"', '+pegasus_version = "5.1.3"', f'+pegasus_wf_name = "{plan.label}-0"',
        f'+pegasus_wf_xformation = "bench::{transformation}:1.0"', f'+pegasus_wf_dax_job_id = "{name}"',
        f'+pegasus_wf_dag_job_id = "{name}"', "+pegasus_job_class = 1", '+pegasus_site = "condorpool"',
        "+pegasus_cluster_size = 1", "queue", rule, "# END OF SUBMIT FILE", rule, "",
    ])  # fmt: skip


def put_outputs(plan: Plan, t: Try, now: float) -> None:
    """Standard output and error of a try, under the names that Pegasus' POST script gives them."""
    if plan.outputs <= 0:
        return
    place = f"{plan.folder}/{plan.output(t.node)}"
    record = kickstart(plan, t, now) if plan.has_record(t.node) else f"done with {plan.name(t.node)}\n"
    with open(f"{place}.out.{t.number:03d}", "w") as file:
        file.write(record)
    with open(f"{place}.err.{t.number:03d}", "w") as file:
        file.write(_pegasus_lite(now, int(t.fails)))


def _pegasus_lite(now: float, code: int) -> str:
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now))
    rule = "#" * 22
    return (
        f"{at}: PegasusLite: version 5.1.3\n{at}: Executing on host node0001 IP=192.0.2.2\n\n"
        f"{rule}[Pegasus Lite] Setting up workdir {rule}\n"
        f"{at}: Not creating a new work directory as it is already set to /var/lib/condor/execute/dir_22112\n\n"
        f"{rule}[Pegasus Lite] Executing the user task {rule}\nPegasusLite: exitcode {code}\n"
    )


def _stat(indent: str, size: int, mode: str = "0o100644") -> str:
    return "".join(f"{indent}{line}\n" for line in (
        f"mode: {mode}", f"size: {size}", "inode: 2844029", "nlink: 1", "blksize: 4096", "blocks: 8",
        "mtime: 2026-11-21T21:05:09+00:00", "atime: 2026-11-21T21:07:10+00:00", "ctime: 2026-11-21T21:07:05+00:00",
        "uid: 1500", "user: wf", "gid: 1500", "group: wf",
    ))  # fmt: skip


def _usage(indent: str, utime: str, maxrss: int) -> str:
    return "".join(f"{indent}{line}\n" for line in (
        f"utime: {utime}", "stime: 0.003", f"maxrss: {maxrss}", "minflt: 1721", "majflt: 0", "nswap: 0", "inblock: 0",
        "outblock: 24", "msgsnd: 0", "msgrcv: 0", "nsignals: 0", "nvcsw: 2", "nivcsw: 12",
    ))  # fmt: skip


_SIX = " " * 6
#: everything of a record that is the same for all jobs
_MIDDLE = (
    "    executable:\n      file_name: /opt/app/bin/step\n" + _stat(_SIX, 2849, "0o100755")
    + '    argument_vector:\n      - "-T"\n      - "4"\n      - "-i"\n      - "f.b2"\n      - "-o"\n      - "f.c2"\n'
    "    procs:\n"
)  # fmt: skip
_END = (
    "  usage:\n" + _usage("    ", "0.000", 2436)
    + "  machine:\n    page-size: 4096\n    uname_system: linux\n    uname_nodename: node0001\n"
    "    uname_release: 5.14.0-503.el9.x86_64\n    uname_machine: x86_64\n    ram_total: 263000000\n"
    "    ram_free: 17045620\n    ram_shared: 97504\n    ram_buffer: 108708\n    swap_total: 0\n    swap_free: 0\n"
    "    cpu_count: 64\n    cpu_speed: 2600\n    cpu_vendor: AuthenticAMD\n    cpu_model: AMD EPYC\n"
    "    load_min1: 6.57\n    load_min5: 4.69\n    load_min15: 2.62\n    procs_total: 184\n    procs_running: 10\n"
    "    procs_sleeping: 134\n    procs_other: 40\n    procs_vmsize: 12833160\n    procs_rss: 2154192\n"
    "    task_total: 228\n    task_running: 10\n    task_sleeping: 178\n    task_other: 40\n"
    "  files:\n    stdin:\n      file_name: /dev/null\n" + _stat(_SIX, 0, "0o020666")
    + "    stdout:\n      temporary_name: /var/lib/condor/execute/dir_22112/ks.out.Y4fLr7\n      descriptor: 3\n"
    + _stat(_SIX, 40) + "      data_truncated: false\n      data: |\n        read f.b2\n        wrote f.c2\n"
    + "    stderr:\n      temporary_name: /var/lib/condor/execute/dir_22112/ks.err.bM3gSz\n      descriptor: 4\n"
    + _stat(_SIX, 0) + "    metadata:\n      temporary_name: /var/lib/condor/execute/dir_22112/ks.meta.sQ1hxl\n"
    "      descriptor: 5\n" + _stat(_SIX, 0)
)  # fmt: skip


def kickstart(plan: Plan, t: Try, now: float) -> str:
    """A kickstart record of version 3.0, as long as real ones of one task without files are."""
    began = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now - 4))
    code = int(t.fails)
    return (
        f"- invocation: True\n  version: 3.0\n  start: {began}.907+00:00\n  duration: 3.126\n"
        f'  transformation: "bench::{plan.transformation(t.node)}:1.0"\n  derivation: "{plan.name(t.node)}"\n'
        f'  resource: "condorpool"\n  wf-label: "{plan.label}"\n  wf-stamp: "2026-11-21T21:13:07+00:00"\n'
        f"  interface: eth0\n  hostaddr: 192.0.2.{t.cluster % 200 + 1}\n"
        f"  hostname: node{t.cluster % 200:04d}.example.org\n  pid: {t.cluster}\n  uid: 1500\n  user: wf\n  gid: 1500\n"
        f"  group: wf\n  umask: 0o0022\n  mainjob:\n    start: {began}.911+00:00\n    duration: 3.118\n"
        f"    pid: {t.cluster + 1}\n    usage:\n{_usage(_SIX, '2.024', 16540)}"
        f"    status:\n      raw: {code << 8}\n      regular_exitcode: {code}\n{_MIDDLE}"
        f"  jobids:\n    condor: {t.cluster}.0\n  cwd: /var/lib/condor/execute/dir_22112\n{_END}"
    )
