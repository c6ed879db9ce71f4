import css from "./job.module.css";
import type { Bar } from "./resources";

/** What was used of one resource, as a bar with marks where what was asked for and given ends. */
export function Amount({ bar }: { bar: Bar }) {
  const { name, requested, allocated, used, top, over, word } = bar;
  const share = (value: number) => `${(100 * value) / top}%`;
  const told = [
    used === undefined ? "use unknown" : `used ${word(used)}`,
    requested === undefined ? "" : `asked for ${word(requested)}`,
    allocated === undefined || allocated === requested ? "" : `given ${word(allocated)}`,
  ].filter(Boolean);
  return (
    <div className={css.amount} data-over={over || undefined}>
      <span>{name}</span>
      <span className={css.gauge} aria-hidden="true">
        {allocated !== undefined && <i data-what="allocated" style={{ width: share(allocated) }} />}
        {used !== undefined && <i data-what="used" style={{ width: share(used) }} />}
        {requested !== undefined && <i data-what="requested" style={{ left: share(requested) }} />}
      </span>
      <span className="number">
        {over && <strong>more than given: </strong>}
        {told.join(", ")}
      </span>
    </div>
  );
}
