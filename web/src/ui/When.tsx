import { useNow } from "@/ui/clock";
import { ago, duration, epoch, exactly, moment } from "@/words/format";

type Time = string | number | null | undefined;

/** A time, short; the exact one when one points at it. */
export function When({ time }: { time: Time }) {
  const ts = epoch(time);
  if (ts === undefined) return <span className="muted">–</span>;
  return (
    <time dateTime={new Date(ts * 1000).toISOString()} title={exactly(ts)} className="nowrap number">
      {moment(ts)}
    </time>
  );
}

/** How long ago, going on by itself. */
export function Ago({ time }: { time: Time }) {
  const now = useNow();
  const ts = epoch(time);
  if (ts === undefined) return <span className="muted">–</span>;
  return (
    <time dateTime={new Date(ts * 1000).toISOString()} title={exactly(ts)} className="nowrap number">
      {ago(ts, now)}
    </time>
  );
}

/** How long something has taken up to now, going on by itself; fixed where it has ended. */
export function Lasts({ since, until }: { since: Time; until?: Time }) {
  const now = useNow();
  const start = epoch(since);
  if (start === undefined) return <span className="muted">–</span>;
  return <span className="nowrap number">{duration(Math.max(0, (epoch(until) ?? Math.floor(now)) - start))}</span>;
}
