import { count } from "@/words/format";
import { jobLook } from "@/words/states";
import css from "./StateBar.module.css";

/** Parts of a whole by state of jobs, in the order given. What there is at all can be seen: no part is thinner than 2 px. */
export function StateBar({
  parts,
  total,
  tall,
}: {
  parts: [state: string, n: number][];
  total: number;
  tall?: boolean;
}) {
  const there = parts.filter(([, n]) => n > 0);
  const words = there.map(([state, n]) => `${count(n)} ${jobLook(state).word}`).join(", ");
  return (
    <div
      className={css.bar}
      data-tall={tall || undefined}
      role="img"
      aria-label={words ? `${words}; ${count(total)} in all` : "no jobs"}
      title={words}
    >
      {there.map(([state, n]) => (
        <span key={state} data-tone={jobLook(state).tone} style={{ flexGrow: n }} />
      ))}
    </div>
  );
}
