import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { Job, LineageGraphFile, Process } from "@/api/schema";
import { Card } from "@/ui/Card";
import { Failed, Loading } from "@/ui/Said";
import { StateIcon } from "@/ui/StateMark";
import { clean, count, size } from "@/words/format";
import { jobLook } from "@/words/states";
import { type Flow, flowsOf } from "./files";
import css from "./job.module.css";
import { traceQuery } from "./queries";

/** What goes into a job and who made it; what comes out of it and who uses that. */
export function Files({ uuid, job }: { uuid: string; job: Job }) {
  const trace = useQuery(traceQuery(uuid, job.job));
  const flows = useMemo(() => trace.data && flowsOf(trace.data), [trace.data]);
  if (trace.error && !flows) {
    return (
      <Card title="Files">
        <Failed error={trace.error} again={() => void trace.refetch()} />
      </Card>
    );
  }
  const none = flows && flows.inputs.length + flows.outputs.length === 0;
  return (
    <Card title="Files" aside={trace.data?.cut ? "there is more than is shown" : undefined}>
      {!flows && <Loading what="files" />}
      {none && <p className="muted">No record tells of files that it read or wrote.</p>}
      {flows && flows.inputs.length > 0 && (
        <List title="Inputs" from="made by" flows={flows.inputs} nobody="an input of the workflow" />
      )}
      {flows && flows.outputs.length > 0 && (
        <List title="Outputs" from="used by" flows={flows.outputs} nobody="nobody" />
      )}
    </Card>
  );
}

const FEW = 12;

function List({ title, from, flows, nobody }: { title: string; from: string; flows: Flow[]; nobody: string }) {
  const [whole, setWhole] = useState(false);
  const shown = whole ? flows : flows.slice(0, FEW);
  return (
    <section className={css.flows} aria-label={title}>
      <h3>
        {title} <span className="muted">{count(flows.length)}</span>
      </h3>
      <ul>
        {shown.map(({ file, others }) => (
          <li key={file.id} data-missing={file.missing || undefined}>
            <span className="mono">{clean(file.name)}</span> <span className="muted">{aboutFile(file)}</span>
            <div className="muted">
              {from}{" "}
              {others.length === 0
                ? nobodyOf(file, nobody)
                : others.slice(0, FEW).map((one) => <Other key={one.id} one={one} />)}
              {others.length > FEW && `and ${count(others.length - FEW)} others`}
            </div>
          </li>
        ))}
      </ul>
      {flows.length > FEW && (
        <button type="button" className="button" onClick={() => setWhole(!whole)}>
          {whole ? "Fewer" : `All ${count(flows.length)}`}
        </button>
      )}
    </section>
  );
}

function aboutFile(file: LineageGraphFile): string {
  if (file.missing) return "is not there";
  return file.size_bytes == null ? "" : size(file.size_bytes);
}

function nobodyOf(file: LineageGraphFile, nobody: string): string {
  const due = file.due_from ?? [];
  if (due.length > 0) return `${clean(due.join(", "))}, which did not`;
  return file.output ? "nobody: it is an output of the workflow" : nobody;
}

/** A job on the other side of a file. */
function Other({ one }: { one: Process }) {
  const name = one.path.split("/").at(-1) ?? one.path;
  const look = jobLook(one.state);
  return (
    <Link
      to="/workflows/$uuid/jobs/$name"
      params={{ uuid: one.wf_uuid, name: one.id.startsWith("task:") ? one.path : name }}
      className={css.other}
      data-tone={look.tone}
      title={look.word}
    >
      <StateIcon look={look} />
      {clean(one.path)}
    </Link>
  );
}
