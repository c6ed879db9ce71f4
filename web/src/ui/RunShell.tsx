import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { addressOf } from "@/api/ask";
import { statusQuery, workflowQuery } from "@/api/queries";
import type { WorkflowItem, WorkflowStatus } from "@/api/schema";
import { Live } from "@/live/Live";
import { useKeys } from "@/ui/keys";
import { LiveBadge } from "@/ui/LiveBadge";
import { Failed } from "@/ui/Said";
import { StateBar } from "@/ui/StateBar";
import { StateMark } from "@/ui/StateMark";
import { barOf } from "@/words/counts";
import { clean, epoch } from "@/words/format";
import { workflowLook } from "@/words/states";
import css from "./RunShell.module.css";

/** Pages of a run in the order of their tabs; the key after `g` leads to each. */
const TABS = [
  { to: "/workflows/$uuid", word: "Overview", key: "o" },
  { to: "/workflows/$uuid/triage", word: "Triage", key: "f" },
  { to: "/workflows/$uuid/jobs", word: "Jobs", key: "j" },
  { to: "/workflows/$uuid/graph", word: "Graph", key: "d" },
  { to: "/workflows/$uuid/gantt", word: "Gantt", key: "g" },
  { to: "/workflows/$uuid/charts", word: "Charts", key: "c" },
  { to: "/workflows/$uuid/compare", word: "Compare", key: "v" },
] as const;

/** What stands above every page of a run: what it is, how it stands, where one can go, how fresh this is. */
export function RunShell() {
  const { uuid } = useParams({ from: "/workflows/$uuid" });
  return (
    <Live address={addressOf("/api/v1/workflows/{uuid}/stream", { uuid }, { scope: "forest" })}>
      <Inside uuid={uuid} />
    </Live>
  );
}

function Inside({ uuid }: { uuid: string }) {
  const navigate = useNavigate();
  const workflow = useQuery(workflowQuery(uuid));
  const status = useQuery(statusQuery(uuid));
  useKeys(
    Object.fromEntries(
      TABS.map(({ to, word, key }) => [`g ${key}`, { does: word, run: () => void navigate({ to, params: { uuid } }) }]),
    ),
  );
  const error = workflow.error ?? status.error;
  if (error) return <Failed error={error} again={() => void Promise.all([workflow.refetch(), status.refetch()])} />;
  const own = status.data?.workflows.find((w) => w.wf_uuid === uuid);
  return (
    <>
      <Head uuid={uuid} item={workflow.data} own={own} />
      <nav className={css.tabs} aria-label="Pages of this run">
        {TABS.map(({ to, word }) => (
          <Link
            key={to}
            to={to}
            params={{ uuid }}
            activeOptions={{ exact: to === "/workflows/$uuid", includeSearch: false }}
          >
            {word}
          </Link>
        ))}
      </nav>
      <Outlet />
    </>
  );
}

function Head({ uuid, item, own }: { uuid: string; item: WorkflowItem | undefined; own: WorkflowStatus | undefined }) {
  const quietSince = own?.state === "running" ? epoch(own.last_ts) : undefined;
  return (
    <header className={css.head}>
      <div className={css.title}>
        <h1>{clean(item?.label ?? own?.label ?? uuid)}</h1>
        {own && <StateMark look={workflowLook(own.state, own.nodes.failed)} />}
        <LiveBadge quietSince={quietSince} />
        {item?.parent_wf_uuid && (
          <Link to="/workflows/$uuid" params={{ uuid: item.parent_wf_uuid }} className={css.up}>
            ↑ sub-workflow of job {clean(item.parent_job ?? "")}
          </Link>
        )}
      </div>
      {/* its room is kept, so that what stands below does not move when it comes */}
      <div className={css.bar}>{own && <StateBar parts={barOf(own)} total={own.nodes.total} tall />}</div>
    </header>
  );
}
