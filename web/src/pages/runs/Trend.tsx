import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { TrendRun } from "@/api/schema";
import { bars, roundUp } from "@/draw/spark";
import { trendQuery } from "@/pages/runs/queries";
import css from "@/pages/runs/runs.module.css";
import { Card } from "@/ui/Card";
import { Failed, Loading } from "@/ui/Said";
import { clean, count, duration, epoch, moment, percent } from "@/words/format";
import { workflowLook } from "@/words/states";

/** What is drawn of each run of a label. */
interface Measure {
  title: string;
  of: (run: TrendRun) => number;
  words: (value: number) => string;
}

const MEASURES: readonly Measure[] = [
  { title: "How long it took", of: (run) => run.duration_s ?? 0, words: duration },
  { title: "Jobs that failed for good", of: (run) => run.failed ?? 0, words: count },
  {
    title: "Tries that failed",
    of: (run) => (run.tries ? (run.tries_failed ?? 0) / run.tries : 0),
    words: (value) => (value === 0 ? "0 %" : percent(value)),
  },
  { title: "Time on machines lost by them", of: (run) => run.failed_s ?? 0, words: duration },
];

/** What became of a label from run to run. */
export function Trend({ label }: { label: string }) {
  const { data, error, refetch } = useQuery(trendQuery(label));
  if (error) return <Failed error={error} again={() => void refetch()} />;
  if (!data) return <Loading what="trend" lines={4} />;
  if (data.runs.length < 2) return null;
  return (
    <Card title={`${clean(label)}, run by run`} aside={`latest ${data.runs.length} runs, the newest at the right`}>
      <div className={css.trend}>
        {MEASURES.map((measure) => (
          <Chart key={measure.title} measure={measure} runs={data.runs} />
        ))}
      </div>
    </Card>
  );
}

const WIDTH = 300;
const HEIGHT = 64;

function Chart({ measure, runs }: { measure: Measure; runs: readonly TrendRun[] }) {
  const navigate = useNavigate();
  const values = runs.map(measure.of);
  const top = Math.max(...values);
  const drawn = bars(values, roundUp(top), WIDTH, HEIGHT, 1.5);
  const last = values.at(-1) ?? 0;
  const words = `${measure.title}: lately ${measure.words(last)}, at most ${measure.words(top)}`;
  return (
    <figure>
      <figcaption>
        {measure.title}{" "}
        <span className="muted number">
          lately {measure.words(last)}, at most {measure.words(top)}
        </span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={words}>
        {drawn.map((bar, i) => {
          const run = runs[i];
          return (
            // biome-ignore lint/a11y/noStaticElementInteractions: a short way for the mouse; the list below has links
            <g
              key={run.wf_uuid}
              data-state={run.state}
              onClick={() => void navigate({ to: "/workflows/$uuid", params: { uuid: run.wf_uuid } })}
            >
              <title>{`${moment(epoch(run.started_ts) ?? 0)}: ${measure.words(values[i])}, ${workflowLook(run.state).word}`}</title>
              <rect x={bar.x} y={0} width={bar.width} height={HEIGHT} className={css.hit} />
              {values[i] > 0 && <rect {...bar} className={css.bar} />}
            </g>
          );
        })}
      </svg>
    </figure>
  );
}
