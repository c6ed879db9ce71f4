import { Link } from "@tanstack/react-router";
import type { JobItem } from "@/api/schema";
import css from "@/pages/jobs/jobs.module.css";
import { Strip } from "@/pages/jobs/Strip";
import { StateMark } from "@/ui/StateMark";
import type { Known } from "@/ui/table/Conditions";
import type { Column } from "@/ui/table/columns";
import { Lasts, When } from "@/ui/When";
import { clean, duration } from "@/words/format";
import { exitWord, jobLook } from "@/words/states";

const text = (value: string | null | undefined) => (
  <span className={css.cut} title={clean(value ?? "")}>
    {clean(value ?? "–")}
  </span>
);

function Name({ job }: { job: JobItem }) {
  const name = job.name ?? "";
  const within = (job.path ?? name).slice(0, -name.length);
  return (
    <Link
      to="/workflows/$uuid/jobs/$name"
      params={{ uuid: job.wf_uuid ?? "", name }}
      className={css.name}
      title={clean(job.path ?? name)}
    >
      {within && <span className="muted">{clean(within)}</span>}
      {clean(name)}
    </Link>
  );
}

/** How long the last try took; goes on while it runs. */
function Took({ job }: { job: JobItem }) {
  if (job.word === "running") return <Lasts since={job.execute_ts} />;
  return <>{duration(job.duration_s)}</>;
}

/** The columns of the list of jobs. */
export const COLUMNS: readonly Column<JobItem>[] = [
  {
    id: "name",
    word: "Job",
    width: "minmax(220px, 2fr)",
    sort: "name",
    usual: true,
    phone: "title",
    cell: (job) => <Name job={job} />,
  },
  {
    id: "state",
    word: "State",
    width: "146px",
    sort: "state",
    usual: true,
    phone: "corner",
    cell: (job) => <StateMark look={jobLook(job.word ?? job.state ?? "")} />,
  },
  {
    id: "tries",
    word: "Tries",
    width: "156px",
    sort: "attempts",
    largestFirst: true,
    usual: true,
    phone: "line",
    cell: (job) => <Strip job={job} />,
  },
  {
    id: "exit",
    word: "Exit",
    width: "86px",
    sort: "exit",
    largestFirst: true,
    usual: true,
    cell: (job) => <>{exitWord(job.exit)}</>,
  },
  {
    id: "took",
    word: "Ran",
    width: "98px",
    sort: "duration_s",
    largestFirst: true,
    number: true,
    usual: true,
    phone: "line",
    cell: (job) => <Took job={job} />,
  },
  {
    id: "started",
    word: "Started",
    width: "116px",
    sort: "execute_ts",
    largestFirst: true,
    usual: true,
    cell: (job) => <When time={job.execute_ts} />,
  },
  {
    id: "transformation",
    word: "Transformation",
    width: "minmax(130px, 1fr)",
    sort: "transformation",
    usual: true,
    cell: (job) => text(job.transformation),
  },
  {
    id: "host",
    word: "Host",
    width: "minmax(120px, 1fr)",
    sort: "hostname",
    usual: true,
    cell: (job) => text(job.hostname),
  },
  { id: "site", word: "Site", width: "minmax(80px, 0.5fr)", sort: "site", usual: true, cell: (job) => text(job.site) },
  { id: "reason", word: "Reason", width: "minmax(200px, 2fr)", sort: "reason", cell: (job) => text(job.reason) },
  {
    id: "submitted",
    word: "Submitted",
    width: "116px",
    sort: "submit_ts",
    largestFirst: true,
    cell: (job) => <When time={job.submit_ts} />,
  },
  {
    id: "ended",
    word: "Ended",
    width: "116px",
    sort: "end_ts",
    largestFirst: true,
    cell: (job) => <When time={job.end_ts} />,
  },
  {
    id: "since",
    word: "In state since",
    width: "130px",
    sort: "state_ts",
    largestFirst: true,
    cell: (job) => <When time={job.state_ts} />,
  },
  { id: "type", word: "Type", width: "110px", sort: "type", cell: (job) => text(job.type) },
  { id: "node_type", word: "Node", width: "90px", sort: "node_type", cell: (job) => text(job.node_type) },
  { id: "slot", word: "Slot", width: "minmax(150px, 1fr)", sort: "slot", cell: (job) => text(job.slot) },
  {
    id: "tasks",
    word: "Tasks",
    width: "76px",
    sort: "tasks",
    largestFirst: true,
    number: true,
    cell: (job) => <>{job.tasks}</>,
  },
  {
    id: "retries",
    word: "Retries it has",
    width: "116px",
    sort: "max_retries",
    largestFirst: true,
    number: true,
    cell: (job) => <>{job.max_retries}</>,
  },
  {
    id: "priority",
    word: "Priority",
    width: "90px",
    sort: "priority",
    largestFirst: true,
    number: true,
    cell: (job) => <>{job.priority}</>,
  },
  { id: "category", word: "Category", width: "110px", sort: "category", cell: (job) => text(job.category) },
  {
    id: "workflow",
    word: "Workflow",
    width: "minmax(120px, 1fr)",
    sort: "workflow",
    cell: (job) => text(job.workflow),
  },
];

const WORDS = ["done", "failed", "futile", "running", "idle", "held", "ready", "unready", "pre", "post", "service"];

/** What conditions can be about. */
export const KNOWN: readonly Known[] = [
  { name: "word", word: "state", words: WORDS },
  { name: "name", word: "name" },
  { name: "transformation", word: "transformation" },
  { name: "type", word: "type" },
  { name: "hostname", word: "host" },
  { name: "site", word: "site" },
  { name: "slot", word: "slot" },
  { name: "exit", word: "exit" },
  { name: "outcome", word: "outcome of the last try", words: ["success", "failed"] },
  { name: "attempts", word: "tries" },
  { name: "duration_s", word: "ran (s)" },
  { name: "execute_ts", word: "started" },
  { name: "end_ts", word: "ended" },
  { name: "submit_ts", word: "submitted" },
  { name: "reason", word: "reason" },
  {
    name: "state",
    word: "state of the node",
    words: ["unready", "ready", "pre", "queued", "post", "done", "failed", "futile"],
  },
  { name: "node_type", word: "kind of node", words: ["job", "final", "provisioner", "service", "subdag"] },
  { name: "category", word: "category" },
  { name: "workflow", word: "workflow" },
];
