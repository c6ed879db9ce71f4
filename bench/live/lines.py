"""The forms of what DAGMan 23.9 and HTCondor write while a workflow runs, as seen in logs of real runs."""

from __future__ import annotations

import time

#: what a try of a job goes through: the rows of ``jobstate``
STATES = (
    "PRE_SCRIPT_STARTED", "PRE_SCRIPT_TERMINATED", "PRE_SCRIPT_SUCCESS", "SUBMIT", "EXECUTE", "JOB_TERMINATED",
    "JOB_SUCCESS", "JOB_FAILURE", "POST_SCRIPT_STARTED", "POST_SCRIPT_TERMINATED", "POST_SCRIPT_SUCCESS",
    "POST_SCRIPT_FAILED",
)  # fmt: skip
(PRE_STARTED, PRE_TERMINATED, PRE_SUCCESS, SUBMIT, EXECUTE, TERMINATED, SUCCESS, FAILURE, POST_STARTED,
 POST_TERMINATED, POST_SUCCESS, POST_FAILED) = range(len(STATES))  # fmt: skip

_SETTINGS = (
    "DAGMAN_USE_STRICT setting: 1", "DAGMAN_VERBOSITY setting: 3", "DAGMAN_DEBUG_CACHE_ENABLE setting: False",
    "DAGMAN_SUBMIT_DELAY setting: 0", "DAGMAN_MAX_SUBMIT_ATTEMPTS setting: 6",
    "DAGMAN_MAX_SUBMITS_PER_INTERVAL setting: 200", "DAGMAN_USER_LOG_SCAN_INTERVAL setting: 1",
    "allow_events (DAGMAN_ALLOW_EVENTS) setting: 114", "DAGMAN_RETRY_NODE_FIRST setting: False",
    "DAGMAN_MAX_JOBS_IDLE setting: 1000", "DAGMAN_MAX_PRE_SCRIPTS setting: 20", "DAGMAN_MAX_POST_SCRIPTS setting: 20",
    "DAGMAN_MUNGE_NODE_NAMES setting: True", "DAGMAN_ALWAYS_RUN_POST setting: False",
    "DAGMAN_USE_DIRECT_SUBMIT setting: True", "DAGMAN_PENDING_REPORT_INTERVAL setting: 60",
    "DAGMAN_AUTO_RESCUE setting: True", "DAGMAN_MAX_RESCUE_NUM setting: 100",
    "DAGMAN_DEFAULT_NODE_LOG setting: @(DAG_DIR)/@(DAG_FILE).nodes.log", "DAGMAN will adjust edges after parsing",
)  # fmt: skip


def stamp(now: float) -> str:
    """A time as dagman.out has it; the zone is that of the process (run everything with TZ=UTC)."""
    return time.strftime("%m/%d/%y %H:%M:%S", time.gmtime(now))


def banner(folder: str, dag: str, nodes: int, pid: int, cluster: int) -> list[str]:
    """What DAGMan says before its first job."""
    stars = "*" * 54
    return [
        stars, f"** condor_scheduniv_exec.{cluster}.0 (CONDOR_DAGMAN) STARTING UP", "** /usr/bin/condor_dagman",
        "** SubsystemInfo: name=DAGMAN type=DAGMAN(9) class=CLIENT(2)",
        "** Configuration: subsystem:DAGMAN local:<NONE> class:CLIENT",
        "** $CondorVersion: 23.9.6 2026-07-12 PackageID: 23.9.6+dfsg-2.1+b10 $",
        "** $CondorPlatform: X86_64-Debian_13 $", f"** PID = {pid} RealUID = 1500",
        "** Log last touched time unavailable (No such file or directory)", stars,
        "Using config source: /etc/condor/condor_config", *_SETTINGS, f'argv[0] == "condor_scheduniv_exec.{cluster}.0"',
        f"Workflow batch-id: <{cluster}.0>", f"Workflow batch-name: <{dag}+{cluster}>",
        f"Default node log file is: <{folder}/./{dag}.nodes.log>", f"DAG Lockfile will be written to {dag}.lock",
        f"DAG Input file is {dag}", "Parsing 1 dagfiles", f"Parsing {dag} ...", "Adjusting edges",
        f"Dag contains {nodes} total jobs", "Bootstrapping...", "Number of pre-completed nodes: 0",
        f"MultiLogFiles: truncating log file {folder}/./{dag}.nodes.log",
        "Registering condor_event_timer...",
    ]  # fmt: skip


def table(total: int, counts: tuple[int, ...], cycle: int) -> list[str]:
    """The table of node states, with DAGMan's statistics of itself (one long line)."""
    failed = counts[6] > 0
    return [
        f"DAG status: {2 if failed else 0} ({'DAG_STATUS_NODE_FAILED' if failed else 'DAG_STATUS_OK'})",
        f"Of {total} nodes total:",
        " Done     Pre   Queued    Post   Ready   Un-Ready   Failed   Futile",
        "  ===     ===      ===     ===     ===        ===      ===      ===",
        "{:5d}   {:5d}    {:5d}   {:5d}   {:5d}      {:5d}    {:5d}    {:5d}".format(*counts),
        "0 job proc(s) currently held",
        "DAGMan Runtime Statistics: ["
        + " ".join(
            f"{part}CycleTimeAvg = 0.0008519669101662832; {part}CycleTimeCount = {cycle}.0;"
            f" {part}CycleTimeMax = 0.09496784210205078; {part}CycleTimeMin = 1.311302185058594E-05;"
            f" {part}CycleTimeStd = 0.005727429146230239; {part}CycleTimeSum = {cycle * 0.00085196691016:.16f};"
            for part in ("Event", "LogProcess", "Sleep", "Submit")
        )
        + " ]",
    ]


def farewell(dag: str, pid: int, cluster: int) -> list[str]:
    """What DAGMan says when all nodes are done."""
    scripts = [f"Note: 0 total {which} script deferrals because of -Max{which.capitalize()} limit (20) or DEFER"
               for which in ("PRE", "POST", "HOLD")]  # fmt: skip
    return [
        "All jobs Completed!", "Note: 0 total job deferrals because of -MaxJobs limit (0)",
        "Note: 0 total job deferrals because of -MaxIdle limit (1000)",
        "Note: 0 total job deferrals because of node category throttles", *scripts,
        f"Wrote metrics file {dag}.metrics.",
        f"**** condor_scheduniv_exec.{cluster}.0 (condor_DAGMAN) pid {pid} EXITING WITH STATUS 0",
    ]  # fmt: skip


# ---- the job event log ----------------------------------------------------------------------------------------------

_HOST = "<192.0.2.7:9618?addrs=192.0.2.7-9618&alias=submit01.example.org&noUDP&sock=schedd_32157_eb7b>"
_USAGE = "".join(
    f"\t\tUsr 0 00:00:01, Sys 0 00:00:00  -  {which} Usage\n"
    for which in ("Run Remote", "Run Local", "Total Remote", "Total Local")
)
_TERMINATED = (
    _USAGE
    + "\t7169  -  Run Bytes Sent By Job\n\t31734  -  Run Bytes Received By Job\n"
    + "\t7169  -  Total Bytes Sent By Job\n\t31734  -  Total Bytes Received By Job\n"
    + "\tPartitionable Resources :    Usage  Request Allocated \n"
    + "\t   Cpus                 :        0        1         1 \n"
    + "\t   Disk (KB)            :       55  5242880   5243904 \n"
    + "\t   GPUs                 :                           0 \n"
    + "\t   Memory (MB)          :        4     2048      2048 \n"
    + "\t   TimeExecute (s)      :        2                    \n"
    + "\t   TimeSlotBusy (s)     :        2                    \n\n"
)


def _head(number: str, cluster: int, now: float) -> str:
    return f"{number} ({cluster:03d}.000.000) {time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(now))} "


def submit_event(node: str, cluster: int, now: float) -> str:
    """HTCondor took the job."""
    head = _head("000", cluster, now)
    return f"{head}Job submitted from host: {_HOST}\n    DAG Node: {node}\n    pool:condorpool\n...\n"


def execute_event(cluster: int, now: float) -> str:
    """The job runs on a machine."""
    slot = f"slot1_{cluster % 64 + 1}@node{cluster % 997:04d}.example.org"
    return (
        f"{_head('001', cluster, now)}Job executing on host: {_HOST}\n\tSlotName: {slot}\n"
        f'\tCondorScratchDir = "/var/lib/condor/execute/dir_{cluster}"\n\tCpus = 1\n\tDisk = 5243904\n\tGPUs = 0\n'
        "\tMemory = 2048\n...\n"
    )


def terminated_event(cluster: int, now: float, code: int) -> str:
    """The job ended."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
    return (
        f"{_head('005', cluster, now)}Job terminated.\n\t(1) Normal termination (return value {code})\n{_TERMINATED}"
        f"\tJob terminated of its own accord at {at} with exit-code {code}.\n...\n"
    )


def post_event(node: str, cluster: int, now: float, code: int) -> str:
    """DAGMan notes the end of a POST script."""
    return (
        f"{_head('016', cluster, now)}POST Script terminated.\n\t(1) Normal termination (return value {code})\n"
        f"    DAG Node: {node}\n...\n"
    )
