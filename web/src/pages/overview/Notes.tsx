import { useQuery } from "@tanstack/react-query";
import type { Amount, ResourceAdvice, WorkflowStatus } from "@/api/schema";
import { Card } from "@/ui/Card";
import { Command, Copy } from "@/ui/Copy";
import { Failed, Loading } from "@/ui/Said";
import { clean, count, plural, size } from "@/words/format";
import css from "./Overview.module.css";
import { problemsQuery, resourcesQuery } from "./queries";

/** What could not be taken as it is while the run was read, and what to do about it. */
export function Problems({ uuid, workflows }: { uuid: string; workflows: WorkflowStatus[] }) {
  const known = workflows.reduce((sum, one) => sum + one.problems, 0);
  const { data, error, refetch } = useQuery({ ...problemsQuery(uuid), enabled: known > 0 });
  const items = data?.items ?? [];
  return (
    <Card title="Problems while reading" aside={known > 0 && plural(known, "problem")}>
      {known === 0 ? (
        <p className="muted">None: everything that was read could be taken as it is.</p>
      ) : error && !data ? (
        <Failed error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading what="problems" />
      ) : (
        <ul className={css.problems}>
          {items.map((item) => (
            <li key={`${item.kind} ${item.file} ${item.offset} ${item.message}`}>
              <b>{clean((item.kind ?? "").replaceAll("_", " "))}</b>
              {(item.count ?? 1) > 1 && <span className="muted"> × {count(item.count ?? 1)}</span>}
              <p>{clean(item.message ?? "")}</p>
              <p className="mono muted">
                {clean(item.file ?? "")}
                {(item.offset ?? -1) >= 0 && ` at byte ${count(item.offset ?? 0)}`}
              </p>
              {item.remedy && <p>{clean(item.remedy)}</p>}
            </li>
          ))}
          {data.next && <li className="muted">There are more.</li>}
        </ul>
      )}
    </Card>
  );
}

/** Kinds of jobs that are shown. */
const KINDS = 4;

/** What its jobs should ask for, where that differs from what they ask for: lines for their submit files. */
export function Advice({ uuid }: { uuid: string }) {
  const { data, error, refetch } = useQuery(resourcesQuery(uuid));
  const told = (data?.transformations ?? []).filter((one) => (one.lines ?? []).length > 0);
  return (
    <Card title="What its jobs should ask for">
      {error && !data ? (
        <Failed error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading what="advice" />
      ) : (
        <>
          {told.length === 0 && <p className="muted">Too few jobs have ended well to advise anything.</p>}
          <ul className={css.advice}>
            {told.slice(0, KINDS).map((one) => (
              <Kind key={one.transformation} one={one} />
            ))}
          </ul>
          <Command line={`stampede advise resources ${uuid.slice(0, 8)}`} />
        </>
      )}
    </Card>
  );
}

function Kind({ one }: { one: ResourceAdvice }) {
  const lines = (one.lines ?? []).join("\n");
  return (
    <li>
      <b>{clean(one.transformation)}</b>
      <p className="muted">memory: {used(one.memory_mb)}</p>
      <div className={css.lines}>
        <pre>{clean(lines)}</pre>
        <Copy text={lines} what={`lines for ${clean(one.transformation)}`} />
      </div>
      {(one.remarks ?? []).map((remark) => (
        <p key={remark}>{clean(remark)}</p>
      ))}
    </li>
  );
}

function used(amount: Amount): string {
  const asks = amount.requested === null ? "asks for nothing" : `asks for ${size(amount.requested * 1e6)}`;
  return amount.used_max === null ? asks : `${asks}, uses ${size(amount.used_max * 1e6)} at most`;
}
