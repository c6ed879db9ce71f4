import type { Job, Task } from "@/api/schema";
import { Card } from "@/ui/Card";
import { clean, plural } from "@/words/format";
import css from "./job.module.css";

const MOST = 50;

/** The tasks of the abstract workflow that a job carries out, and what the plan says of the job itself. */
export function Tasks({ job }: { job: Job }) {
  const tasks = job.tasks ?? [];
  return (
    <div className={css.columns}>
      {tasks.length > 0 && (
        <Card title={plural(tasks.length, "task")} aside="of the abstract workflow">
          <ul className={css.tasks}>
            {tasks.slice(0, MOST).map((task) => (
              <OneTask key={task.task} task={task} />
            ))}
          </ul>
          {tasks.length > MOST && <p className="muted">and {plural(tasks.length - MOST, "other")}</p>}
        </Card>
      )}
      <Plan job={job} />
    </div>
  );
}

function OneTask({ task }: { task: Task }) {
  const metadata = Object.entries(task.metadata ?? {});
  return (
    <li>
      <strong className="mono">{clean(task.task)}</strong> <span className="mono">{clean(task.transformation)}</span>
      {task.arguments && <div className="mono muted">{clean(task.arguments)}</div>}
      {(task.inputs ?? []).length > 0 && <div className="muted">reads {clean((task.inputs ?? []).join(", "))}</div>}
      {(task.outputs ?? []).length > 0 && <div className="muted">writes {clean((task.outputs ?? []).join(", "))}</div>}
      {metadata.map(([key, value]) => (
        <div key={key} className="muted">
          {clean(key)}: {clean(value)}
        </div>
      ))}
    </li>
  );
}

/** Facts without a value are left out. */
function Plan({ job }: { job: Job }) {
  const facts: [word: string, value: string | null][] = [
    ["Executable", job.executable],
    ["Arguments", job.arguments],
    ["PRE script", job.pre_script],
    ["POST script", job.post_script],
    ["Category", job.category],
    ["Priority", job.priority === null ? null : String(job.priority)],
    ["Ends the workflow", job.abort_dag_on && `when it exits with ${job.abort_dag_on}`],
    ["Submit file", job.submit_file],
  ];
  return (
    <Card title="As planned">
      <dl className={css.pairs}>
        {facts
          .filter(([, value]) => value)
          .map(([word, value]) => (
            <div key={word}>
              <dt>{word}</dt>
              <dd className="mono">{clean(value ?? "")}</dd>
            </div>
          ))}
      </dl>
    </Card>
  );
}
