import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { progressQuery, triageQuery } from "@/api/queries";
import type { Cause, WorkflowItem } from "@/api/schema";
import css from "@/pages/runs/runs.module.css";
import { useNow } from "@/ui/clock";
import { useSettled } from "@/ui/table/settled";
import { ago, clean, coarse, epoch, moment, plural } from "@/words/format";

/** What a run is called, and in a second line what one would ask about it: why it failed, when it ends, where it lies. */
export function Name({ run }: { run: WorkflowItem }) {
  const uuid = run.wf_uuid ?? "";
  return (
    <span className={css.name}>
      <span className={css.label}>
        <Link to="/workflows/$uuid" params={{ uuid }}>
          {clean(run.label ?? run.dag ?? uuid)}
        </Link>
        {(run.below ?? 0) > 0 && <span className="muted"> · {plural(run.below ?? 0, "sub-workflow")}</span>}
      </span>
      <span className={css.second}>
        <Second run={run} />
      </span>
    </span>
  );
}

function Second({ run }: { run: WorkflowItem }) {
  if (run.state === "failed" || run.failing) return <Why uuid={run.wf_uuid ?? ""} />;
  if (run.state === "running") return <Eta uuid={run.wf_uuid ?? ""} />;
  return <span title={clean(run.submit_dir ?? "")}>{clean(tail(run.submit_dir ?? run.dag ?? ""))}</span>;
}

/** The way to what went wrong: at once, and by name as soon as it is judged. */
function Why({ uuid }: { uuid: string }) {
  const settled = useSettled();
  const { data } = useQuery({ ...triageQuery(uuid), enabled: settled, staleTime: 10_000 });
  const causes = data?.causes.filter((one) => !one.resolved) ?? [];
  const words = causes[0] ? causeWords(causes.length, causes[0]) : "why it failed";
  return (
    <Link to="/workflows/$uuid/triage" params={{ uuid }} className={css.why} title={words}>
      {words}
    </Link>
  );
}

/** `1 cause: the program failed · FATAL: file x is missing`: the line of output that explains it, where there is one. */
export function causeWords(causes: number, first: Pick<Cause, "title" | "message" | "sample_output">): string {
  const line = first.sample_output?.split("\n").find((one) => one.trim()) ?? "";
  return `${plural(causes, "cause")}: ${clean(first.title)} · ${clean((line || first.message).trim())}`;
}

function Eta({ uuid }: { uuid: string }) {
  const settled = useSettled();
  const now = useNow();
  const { data } = useQuery({ ...progressQuery(uuid), enabled: settled, staleTime: 5000 });
  const progress = data?.progress;
  if (!progress) return <span>running</span>;
  const low = epoch(progress.eta_low_ts);
  const high = epoch(progress.eta_high_ts);
  if (low === undefined || high === undefined) return <span>{clean(progress.no_eta ?? "end not known yet")}</span>;
  if (high < now) return <span>should have ended {ago(high, now)}</span>;
  return (
    <span title={`${moment(low)} to ${moment(high)}`}>
      {endWords(low - now, high - now)}
      {progress.limit ? ` · ${clean(progress.limit)}` : ""}
    </span>
  );
}

/** `ends in 8 min to 2 h`: from the ends of what is expected, in seconds from now. */
export function endWords(low_s: number, high_s: number): string {
  return low_s > 1 ? `ends in ${coarse(low_s)} to ${coarse(high_s)}` : `ends within ${coarse(high_s)}`;
}

/** The last parts of a path. */
export function tail(path: string): string {
  const parts = path.split("/").filter(Boolean);
  return parts.length > 3 ? `…/${parts.slice(-3).join("/")}` : path;
}
