import { useQueries } from "@tanstack/react-query";
import { statisticsQuery } from "@/api/queries";
import type { Change } from "@/api/schema";
import { durationMarks, type LogAxis, logAxis } from "@/draw/charts/scale";
import css from "@/pages/compare/Compare.module.css";
import { type KindPair, pairsOf } from "@/pages/compare/pairs";
import { Card } from "@/ui/Card";
import type { Column } from "@/ui/chart/columns";
import { DataTable } from "@/ui/chart/DataTable";
import { Failed, Loading } from "@/ui/Said";
import { clean, count, duration } from "@/words/format";

const HEIGHT = 24;
const MOST = 30;

/** The median run time of each transformation, before and now. */
export function Kinds({
  uuid,
  against,
  changes,
}: {
  uuid: string;
  against: string | undefined;
  changes: readonly Change[];
}) {
  const [old, now] = useQueries({ queries: [statisticsQuery(against ?? uuid), statisticsQuery(uuid)] });
  const error = old.error ?? now.error;
  if (error) return <Failed error={error} again={() => void Promise.all([old.refetch(), now.refetch()])} />;
  const pairs = old.data && now.data && pairsOf(old.data, now.data, changes);
  return (
    <Card title="Transformations before and now" aside={against && `before: ${against.slice(0, 8)}`}>
      {!pairs ? <Loading what="transformations" lines={5} /> : <Pairs pairs={pairs} />}
    </Card>
  );
}

function Pairs({ pairs }: { pairs: KindPair[] }) {
  const values = pairs.flatMap((pair) => [pair.old, pair.now]).filter((v): v is number => v !== null && v > 0);
  if (values.length === 0) return <p className="muted">No run times are known.</p>;
  const axis = logAxis(Math.min(...values) * 0.85, Math.max(...values) * 1.15);
  const marks = durationMarks(axis);
  return (
    <>
      <p className="muted">
        Median time on a machine: the ring is before, the dot is now. Bold names changed beyond noise.
      </p>
      <div className={css.pairs}>
        <div className={`${css.pair} ${css.axisRow}`} aria-hidden="true">
          <span />
          <div className={css.marks}>
            {marks.map(({ at, label }) => (
              <span key={label} style={{ left: `${at * 100}%` }}>
                {label}
              </span>
            ))}
          </div>
          <span />
        </div>
        {pairs.slice(0, MOST).map((pair) => (
          <div key={pair.name} className={css.pair}>
            <span className={css.name}>{pair.changed ? <strong>{clean(pair.name)}</strong> : clean(pair.name)}</span>
            <Dumbbell pair={pair} axis={axis} />
            <span className={css.values}>
              {duration(pair.old)} → {duration(pair.now)}
            </span>
          </div>
        ))}
      </div>
      <details>
        <summary>As a table</summary>
        <DataTable caption="Transformations before and now" columns={COLUMNS} rows={pairs} />
      </details>
    </>
  );
}

function Dumbbell({ pair, axis }: { pair: KindPair; axis: LogAxis }) {
  const x = (value: number) => `${axis.at(value) * 100}%`;
  const words = `${duration(pair.old)} before, ${duration(pair.now)} now`;
  return (
    <svg className={css.dumbbell} role="img" aria-label={words}>
      <title>{words}</title>
      <line className={css.rail} x1="0%" x2="100%" y1={HEIGHT / 2} y2={HEIGHT / 2} />
      {pair.old !== null && pair.now !== null && (
        <line
          className={css.link}
          data-changed={pair.changed || undefined}
          x1={x(pair.old)}
          x2={x(pair.now)}
          y1={HEIGHT / 2}
          y2={HEIGHT / 2}
        />
      )}
      {pair.old !== null && <circle className={css.before} cx={x(pair.old)} cy={HEIGHT / 2} r={6} />}
      {pair.now !== null && (
        <circle className={css.now} data-changed={pair.changed || undefined} cx={x(pair.now)} cy={HEIGHT / 2} r={4} />
      )}
    </svg>
  );
}

const COLUMNS: Column<KindPair>[] = [
  { key: "name", head: "transformation", of: (p) => clean(p.name) },
  { key: "old", head: "before", number: true, of: (p) => p.old, show: (p) => duration(p.old) },
  { key: "now", head: "now", number: true, of: (p) => p.now, show: (p) => duration(p.now) },
  {
    key: "ratio",
    head: "ratio",
    number: true,
    of: (p) => (p.old && p.now ? p.now / p.old : null),
    show: (p) => (p.old && p.now ? `${(p.now / p.old).toFixed(2)}×` : "–"),
  },
  { key: "old_tries", head: "tries before", number: true, of: (p) => p.oldTries, show: (p) => count(p.oldTries) },
  { key: "now_tries", head: "now", number: true, of: (p) => p.nowTries, show: (p) => count(p.nowTries) },
  { key: "old_failed", head: "failed before", number: true, of: (p) => p.oldFailed },
  { key: "now_failed", head: "now", number: true, of: (p) => p.nowFailed },
];
