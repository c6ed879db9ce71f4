import type { Gantt } from "@/draw/gantt/picture";
import { pathOf } from "@/pages/gantt/describe";
import { duration, plural } from "@/words/format";

/** What the drawing says or leaves out, in words. */
export function Notes({ gantt, attempt, whole }: { gantt: Gantt; attempt: string | undefined; whole: boolean }) {
  if (gantt.level === "lanes") return null;
  if (gantt.count === 0) {
    return <p role="status">{attempt === "failed" ? "No try failed in this time." : "Nothing ran in this time."}</p>;
  }
  if (gantt.by === "path") {
    const path = pathOf(gantt);
    return (
      <p>
        The chain of {plural(path.jobs, "job")} that led to the end: each waited for the one before.
        {whole &&
          ` From its begin to its end it took ${duration(path.total)}: ${duration(path.ran)} on machines, ${duration(path.waited)} waiting for one, ${duration(path.scripts)} in scripts or held; in the rest nothing of it was submitted.`}
      </p>
    );
  }
  if (!gantt.unstarted) {
    return (
      <p className="muted">
        Tries that wait for a machine are too many to be drawn one by one; below they are counted.
      </p>
    );
  }
  return null;
}
