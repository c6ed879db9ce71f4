import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { progressQuery } from "@/api/queries";
import type { Progress, Throughput } from "@/api/schema";
import { barsOf } from "@/draw/bars";
import { Card } from "@/ui/Card";
import { Failed, Loading } from "@/ui/Said";
import { clean, coarse, count, duration, epoch } from "@/words/format";
import css from "./Overview.module.css";
import { throughputQuery } from "./queries";
import { rate } from "./sentences";

/** How fast it gets on, and what limits it. */
export function Pace({ uuid, runs }: { uuid: string; runs: boolean }) {
  const pace = useQuery(throughputQuery(uuid));
  const progress = useQuery({ ...progressQuery(uuid), enabled: runs });
  const told = pace.data?.throughput;
  return (
    <Card
      title={runs ? "Pace" : "Pace at the end"}
      aside={
        <Link to="/workflows/$uuid/charts" params={{ uuid }}>
          Charts →
        </Link>
      }
    >
      <div className={css.paceRoom}>
        {pace.error && !pace.data ? (
          <Failed error={pace.error} again={() => void pace.refetch()} />
        ) : told ? (
          <Rates told={told} runs={runs} />
        ) : pace.data ? (
          <p className="muted">No job has run yet.</p>
        ) : (
          <Loading what="pace" />
        )}
      </div>
      {runs && <Limits uuid={uuid} progress={progress.data?.progress ?? undefined} />}
    </Card>
  );
}

function Rates({ told, runs }: { told: Throughput; runs: boolean }) {
  return (
    <>
      <dl className={css.rates}>
        <div>
          <dt>{runs ? "done, now" : "done, in its last minutes"}</dt>
          <dd>{rate(told.done_per_min)}</dd>
        </div>
        <div>
          <dt>done, on average</dt>
          <dd>{rate(told.mean_per_min)}</dd>
        </div>
      </dl>
      <Spark told={told} />
    </>
  );
}

const WIDTH = 600;
const HEIGHT = 56;

/** Jobs that ended, over time; failed ones on top. */
function Spark({ told }: { told: Throughput }) {
  const { well, badly } = barsOf(told.done, told.failed, WIDTH, HEIGHT);
  const done = told.done.reduce((a, b) => a + b, 0);
  const failed = told.failed.reduce((a, b) => a + b, 0);
  const span = (epoch(told.end_ts) ?? 0) - (epoch(told.start_ts) ?? 0);
  return (
    <figure className={css.spark}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${count(done)} tries went well and ${count(failed)} failed in ${duration(span)}`}
      >
        <g className={css.well}>
          {well.map((b) => (
            <rect key={b.x} {...b} />
          ))}
        </g>
        <g className={css.badly}>
          {badly.map((b) => (
            <rect key={b.x} {...b} />
          ))}
        </g>
      </svg>
      <figcaption className="muted">
        Tries that ended in {coarse(span)}, by {duration(told.step_s)}: {count(done)} well, {count(failed)} failed
      </figcaption>
    </figure>
  );
}

/** Nodes of the chain that are shown. */
const LINKS = 6;

function Limits({ uuid, progress }: { uuid: string; progress: Progress | undefined }) {
  const chain = progress?.chain ?? [];
  return (
    <div className={css.limits}>
      <h3>What limits it</h3>
      <p>{progress?.limit ? clean(progress.limit) : progress ? "Nothing in particular." : "\u00a0"}</p>
      {chain.length > 0 && (
        <p className={css.chain}>
          <span className="muted">The end waits for </span>
          {chain.slice(0, LINKS).map((name, i) => (
            <span key={name}>
              {i > 0 && <span aria-hidden="true"> → </span>}
              <Link to="/workflows/$uuid/jobs/$name" params={{ uuid, name }}>
                {clean(name)}
              </Link>
            </span>
          ))}
          {chain.length > LINKS && <span className="muted"> and {count(chain.length - LINKS)} more after them</span>}
        </p>
      )}
    </div>
  );
}
