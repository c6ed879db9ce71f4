import { createContext, useContext } from "react";
import type { JobItem, TryItem } from "@/api/schema";
import css from "@/pages/jobs/jobs.module.css";
import { keyOf, type Tries, wordOf, wordsOf } from "@/pages/jobs/tries";
import { StateIcon } from "@/ui/StateMark";
import { plural } from "@/words/format";
import { jobLook } from "@/words/states";

/** Tries of the jobs in view. */
export const KnownTries = createContext<Tries>(new Map());

/** Tries that are drawn of a job: the latest. */
const MOST = 6;

/** All tries of a job, each by the shape of how it ended; a dot tells that it was evicted or held. */
export function Strip({ job }: { job: JobItem }) {
  const tries = useContext(KnownTries).get(keyOf(job));
  const attempts = job.attempts ?? 0;
  if (attempts === 0) return <span className="muted">–</span>;
  if (!tries) return <span className="muted">{plural(attempts, "try", "tries")}</span>;
  const more = Math.max(0, tries.length - MOST);
  return (
    <span className={css.strip}>
      {more > 0 && <span className="muted">+{more}</span>}
      {tries.slice(-MOST).map((one) => (
        <Mark key={one.seq} one={one} />
      ))}
    </span>
  );
}

function Mark({ one }: { one: TryItem }) {
  const look = jobLook(wordOf(one));
  const words = wordsOf(one);
  return (
    <span
      className={css.try}
      data-tone={look.tone}
      data-interrupted={(one.evictions ?? 0) + (one.holds ?? 0) > 0 || undefined}
      title={words}
      role="img"
      aria-label={words}
    >
      <StateIcon look={look} />
    </span>
  );
}
