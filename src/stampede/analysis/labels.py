# ruff: noqa: E501 - a table is read row by row
"""The words for causes, what each means, and what to do about it.

One table, so that every interface says the same. Hold codes: HTCondor manual, "HoldReasonCode" of the job ClassAd.
"""

from __future__ import annotations

from typing import Final

import msgspec


class Label(msgspec.Struct, frozen=True):
    """A kind of cause: in words for a heading, the next step, and whether trying again can help."""

    title: str
    advice: str
    retry_helps: bool = True


LABELS: Final[dict[str, Label]] = {
    "exit_code": Label("the program failed", "Read its last output lines below; fix the program or its input, then rerun."),
    "signal": Label("the program was killed by a signal", "SIGKILL often means memory, SIGSEGV a defect: check request_memory and the program."),
    "wrong_executable": Label("the executable cannot be run", "Fix its path or permissions (Pegasus: the transformation catalog).", retry_helps=False),
    "missing_input": Label("an input file does not exist", "Create or stage the file, then release the job or rerun."),
    "missing_output": Label("the job does not write a file it promises", "Make the program write it, or take it out of transfer_output_files.", retry_helps=False),
    "transfer_in_failed": Label("input files could not be fetched", "Check that the source exists and can be reached with these credentials."),
    "transfer_out_failed": Label("output files could not be stored", "Check that the target exists, can be written, and has room; results may still be in the scratch folder."),
    "disk_full": Label("a disk is full", "Free space or ask for more (request_disk), then rerun."),
    "integrity_error": Label("a checksum does not match", "The file was changed or damaged on its way: remove the bad copy and stage it again."),
    "pre_script_failed": Label("the PRE script failed", "Run the script by hand in the submit directory; its command stands below."),
    "post_script_failed": Label("the POST script failed though the job did not", "Run the script by hand in the submit directory; its command stands below."),
    "submit_failed": Label("the job could not be submitted", "Fix the submit file; condor_submit -dry-run shows the same error.", retry_helps=False),
    "held_policy": Label("held by a policy", "See the hold reason; when the cause is gone: condor_release."),
    "held_by_operator": Label("held by a person", "condor_release it when it may go on."),
    "removed_by_operator": Label("removed by a person", "Nothing failed by itself; rerun (a rescue DAG continues where it stopped)."),
    "removed_by_policy": Label("removed by a policy", "See the expression that removed it; ask for more time or memory, or change the policy."),
    "hang": Label("a job makes no progress", "Look at what it waits for (condor_ssh_to_job); remove it so that a retry can take over."),
    "straggler": Label("a job took far longer than its peers", "Check the machine it ran on."),
    "suspended": Label("a job was suspended", "The machine's owner or policy stopped it for a while; nothing to do unless it stays so."),
    "evicted": Label("a job lost its machine", "HTCondor starts it again; if it happens often, avoid the machine or checkpoint."),
    "starter_died": Label("HTCondor's starter died under a job", "HTCondor starts the job again; check that machine's StarterLog."),
    "host_down": Label("a machine went away under its job", "HTCondor starts the job elsewhere; check the machine."),
    "network": Label("the connection to a machine was lost", "HTCondor reconnects by itself; check the network if it happens often."),
    "dagman_crashed": Label("DAGMan itself vanished", "If it does not come back by itself: condor_submit_dag (or pegasus-run) continues in recovery mode."),
    "dagman_held": Label("DAGMan's own job is held", "condor_release the DAGMan job."),
    "schedd_restart": Label("the submit service was restarted", "Nothing to do: jobs were picked up again."),
    "monitor_died": Label("Pegasus' own monitor died", "Its database may have gaps; Stampede read the logs themselves."),
    "pool_stalled": Label("the pool had no free machine for it", "Nothing wrong in the workflow: check condor_status and condor_q -better-analyze."),
    "unmatchable": Label("no machine can match what the job asks for", "condor_q -better-analyze JOB names the requirement; lower the request.", retry_helps=False),
    "halted": Label("halted on request", "Remove the halt file or htcondor dag resume; if DAGMan has ended, submit again."),
    "abort_dag_on": Label("aborted by ABORT-DAG-ON", "The DAG file asks for this end when that node returns that value."),
    "dag_parse_error": Label("the DAG file is faulty", "condor_dag_checker shows all faults; nothing was run.", retry_helps=False),
    "needless_rerun": Label("a finished workflow was run again", "All jobs were repeated; nothing was wrong with the first run."),
}  # fmt: skip

#: hold codes -> label; what is not listed is a policy's or unknown
HOLD_CODES: Final[dict[int, str]] = {
    1: "held_by_operator",
    3: "held_policy",
    6: "wrong_executable",
    7: "wrong_executable",
    8: "wrong_executable",
    12: "transfer_out_failed",
    13: "transfer_in_failed",
    14: "wrong_executable",
    15: "held_by_operator",
    26: "held_policy",
    34: "held_policy",
    35: "held_policy",
}
