import type { WorkflowItem } from "@/api/schema";
import { Name } from "@/pages/runs/Name";
import { Course, Progress } from "@/pages/runs/Progress";
import { StateMark } from "@/ui/StateMark";
import type { Known } from "@/ui/table/Conditions";
import type { Column } from "@/ui/table/columns";
import { Ago, Lasts, When } from "@/ui/When";
import { clean, count } from "@/words/format";
import { workflowLook } from "@/words/states";

const text = (value: string | null | undefined) => <span title={clean(value ?? "")}>{clean(value ?? "–")}</span>;
const number = (value: number | null | undefined) => <>{count(value ?? 0)}</>;

/** The columns of the list of runs. */
export const COLUMNS: readonly Column<WorkflowItem>[] = [
  {
    id: "run",
    word: "Run",
    width: "minmax(250px, 2.2fr)",
    sort: "label",
    usual: true,
    phone: "title",
    cell: (run) => <Name run={run} />,
  },
  {
    id: "state",
    word: "State",
    width: "132px",
    sort: "state",
    usual: true,
    phone: "corner",
    cell: (run) => <StateMark look={workflowLook(run.state ?? "", run.failing ? 1 : 0)} />,
  },
  {
    id: "progress",
    word: "Jobs",
    width: "minmax(150px, 1.2fr)",
    sort: "done",
    largestFirst: true,
    usual: true,
    phone: "line",
    cell: (run) => <Progress run={run} />,
  },
  { id: "course", word: "Course", width: "116px", usual: true, cell: (run) => <Course run={run} /> },
  {
    id: "started",
    word: "Started",
    width: "116px",
    sort: "started_ts",
    largestFirst: true,
    usual: true,
    phone: "line",
    cell: (run) => <When time={run.started_ts} />,
  },
  {
    id: "took",
    word: "Took",
    width: "104px",
    sort: "duration_s",
    largestFirst: true,
    number: true,
    usual: true,
    cell: (run) => <Lasts since={run.started_ts} until={run.state === "running" ? undefined : run.last_ts} />,
  },
  { id: "user", word: "User", width: "minmax(70px, 0.5fr)", sort: "user", usual: true, cell: (run) => text(run.user) },
  {
    id: "host",
    word: "Host",
    width: "minmax(90px, 0.7fr)",
    sort: "submit_hostname",
    usual: true,
    cell: (run) => text(run.submit_hostname),
  },
  {
    id: "failed",
    word: "Failed jobs",
    width: "104px",
    sort: "failed",
    largestFirst: true,
    number: true,
    cell: (run) => number(run.forest_failed),
  },
  {
    id: "tries",
    word: "Tries",
    width: "84px",
    sort: "tries",
    largestFirst: true,
    number: true,
    cell: (run) => number(run.tries),
  },
  {
    id: "tries_failed",
    word: "Failed tries",
    width: "104px",
    sort: "tries_failed",
    largestFirst: true,
    number: true,
    cell: (run) => number(run.tries_failed),
  },
  {
    id: "restarts",
    word: "Restarts",
    width: "92px",
    sort: "restart_count",
    largestFirst: true,
    number: true,
    cell: (run) => number(run.restart_count),
  },
  {
    id: "last",
    word: "Last record",
    width: "116px",
    sort: "last_ts",
    largestFirst: true,
    cell: (run) => <Ago time={run.last_ts} />,
  },
  {
    id: "problems",
    word: "Problems",
    width: "96px",
    sort: "problems",
    largestFirst: true,
    number: true,
    cell: (run) => number(run.problems),
  },
  { id: "engine", word: "Engine", width: "90px", sort: "engine", cell: (run) => text(run.engine) },
  {
    id: "directory",
    word: "Directory",
    width: "minmax(180px, 1fr)",
    sort: "submit_dir",
    cell: (run) => text(run.submit_dir),
  },
];

/** What conditions can be about. */
export const KNOWN: readonly Known[] = [
  { name: "state", word: "state", words: ["unstarted", "running", "success", "failed", "removed", "halted", "lost"] },
  { name: "failing", word: "failing", words: ["true", "false"] },
  { name: "label", word: "label" },
  { name: "user", word: "user" },
  { name: "submit_hostname", word: "host" },
  { name: "started_ts", word: "started" },
  { name: "last_ts", word: "last record" },
  { name: "state_ts", word: "in this state since" },
  { name: "duration_s", word: "duration (s)" },
  { name: "failed", word: "own failed jobs" },
  { name: "total", word: "own jobs" },
  { name: "tries_failed", word: "own failed tries" },
  { name: "restart_count", word: "restarts" },
  { name: "problems", word: "problems" },
  { name: "engine", word: "engine", words: ["pegasus", "dagman"] },
  { name: "submit_dir", word: "directory" },
  { name: "dag", word: "DAG file" },
];
