import type { Amounts, Exit, Job, Phase, Try } from "@/api/schema";

const NO_EXIT: Exit = { kind: "unknown", code: null, signal: null };

export const exited = (code: number): Exit => ({ kind: "exited", code, signal: null });

export function phase(name: Phase["phase"], start_ts: number, end_ts: number | null): Phase {
  return { phase: name, start_ts, end_ts, duration_s: end_ts === null ? null : end_ts - start_ts };
}

export function tryOf(some: Partial<Try> = {}): Try {
  return {
    seq: 1,
    run: 1,
    htcondor_id: "83.0",
    state: null,
    state_ts: null,
    outcome: null,
    exit: NO_EXIT,
    pre_exit: null,
    post_exit: null,
    site: null,
    slot: null,
    hostname: null,
    ip: null,
    user: null,
    directory: null,
    submit_ts: null,
    execute_ts: null,
    end_ts: null,
    duration_s: null,
    executions: 0,
    evictions: 0,
    remove_reason: null,
    workflow_below: null,
    ...some,
  };
}

export function jobOf(some: Partial<Job> = {}): Job {
  return {
    wf_uuid: "u",
    workflow: "w",
    path: "inner/work",
    job: "work",
    type: "compute",
    node_type: "job",
    state: "queued",
    state_ts: null,
    reason: null,
    attempts: 1,
    max_retries: 0,
    transformation: null,
    executable: "",
    arguments: null,
    submit_file: null,
    pre_script: null,
    post_script: null,
    category: null,
    priority: null,
    abort_dag_on: null,
    clustered: false,
    ...some,
  };
}

export const NO_AMOUNTS: Amounts = { cpus: null, memory_mb: null, disk_kb: null, gpus: null };
