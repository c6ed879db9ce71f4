/** Files that a job reads and writes, with who made and who uses them: pure. */

import type { LineageGraphFile, Process, Trace } from "@/api/schema";

export interface Flow {
  file: LineageGraphFile;
  /** Jobs that made an input, or that read an output. */
  others: Process[];
}

/** What goes into a job and what comes out of it, by name. */
export function flowsOf(trace: Trace): { inputs: Flow[]; outputs: Flow[] } {
  const subjects = new Set(trace.subject);
  const files = new Map(trace.files.map((file) => [file.id, file]));
  const processes = new Map(trace.processes.map((process) => [process.id, process]));
  const inputs = new Map<string, Flow>();
  const outputs = new Map<string, Flow>();
  for (const { source, target } of trace.links) {
    const read = files.get(source);
    const written = files.get(target);
    if (read && subjects.has(target)) inputs.set(source, { file: read, others: [] });
    if (written && subjects.has(source)) outputs.set(target, { file: written, others: [] });
  }
  for (const { source, target } of trace.links) {
    const maker = processes.get(source);
    const user = processes.get(target);
    if (maker && !subjects.has(source)) inputs.get(target)?.others.push(maker);
    if (user && !subjects.has(target)) outputs.get(source)?.others.push(user);
  }
  return { inputs: byName(inputs), outputs: byName(outputs) };
}

function byName(flows: Map<string, Flow>): Flow[] {
  return [...flows.values()].sort((a, b) => a.file.name.localeCompare(b.file.name));
}
