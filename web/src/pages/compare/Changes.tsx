import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Change, Comparison } from "@/api/schema";
import { type LogAxis, logAxis, ratioMarks } from "@/draw/charts/scale";
import css from "@/pages/compare/Compare.module.css";
import { effect, inUnit, isWorse, subject, testedWords } from "@/pages/compare/words";
import { Card } from "@/ui/Card";
import { jobsWith } from "@/ui/chart/jobsSearch";
import { duration } from "@/words/format";

const HEIGHT = 30;
/** Changes that are shown; the command line has all. */
const MOST = 40;

/** What changed beyond noise, the largest effect first, each with its interval beside the floor it had to pass. */
export function Changes({ found, uuid }: { found: Comparison; uuid: string }) {
  const axis = useMemo(() => axisOf(found.changes), [found.changes]);
  if (found.changes.length === 0) {
    return (
      <Card title="No measure changed beyond noise">
        <p>{testedWords(found)} What differs is the plan, or how the run ended.</p>
      </Card>
    );
  }
  return (
    <Card title="What changed" aside={testedWords(found)}>
      <p className="muted">
        The bar is the ratio of now to before with its 95 % interval; what lies in the grey band is noise.
      </p>
      <ol className={css.changes}>
        {found.changes.slice(0, MOST).map((change) => (
          <Row key={`${change.measure} ${change.kind}`} change={change} axis={axis} uuid={uuid} />
        ))}
      </ol>
      {found.changes.length > MOST && (
        <p className="muted">and {found.changes.length - MOST} more: the command below with --json has all.</p>
      )}
    </Card>
  );
}

function Row({ change, axis, uuid }: { change: Change; axis: LogAxis; uuid: string }) {
  const worse = isWorse(change);
  const says = effect(change);
  const isPlace = change.measure === "site" || change.measure === "machine";
  return (
    <li className={css.change}>
      <div className={css.what}>
        <span className={css.sign} data-worse={worse} aria-hidden="true">
          {change.new > change.old ? "▲" : "▼"}
        </span>
        <span>
          <strong>{subject(change)}</strong>
          {worse !== undefined && <span className="visually-hidden">{worse ? " (worse)" : " (better)"}</span>}
          <br />
          <span className="number">
            {inUnit(change, change.old)} → {inUnit(change, change.new)}
          </span>
          {change.ratio !== null && <span className="muted number"> ({change.ratio.toFixed(2)}×)</span>}
        </span>
      </div>
      <Interval change={change} axis={axis} />
      <div className={css.effect}>
        {says && <div>{says}</div>}
        {change.first_s !== null && (
          <div className="muted">first seen after {duration(Math.round(change.first_s))}</div>
        )}
        {!isPlace && (
          <Link to="/workflows/$uuid/jobs" params={{ uuid }} search={jobsWith("transformation", change.kind)}>
            its jobs
          </Link>
        )}
      </div>
    </li>
  );
}

function Interval({ change, axis }: { change: Change; axis: LogAxis }) {
  const { ratio, ratio_low: low, ratio_high: high, floor } = change;
  if (ratio === null || low === null || high === null) {
    return (
      <div className="muted">chance of such a difference: {change.p < 0.001 ? "below 0.001" : change.p.toFixed(3)}</div>
    );
  }
  const x = (value: number) => `${axis.at(value) * 100}%`;
  const wide = (from: number, to: number) => `${Math.max(0, axis.at(to) - axis.at(from)) * 100}%`;
  const words = `${ratio.toFixed(2)} times, between ${low.toFixed(2)} and ${high.toFixed(2)}; noise up to ${floor.toFixed(2)}`;
  return (
    <div>
      <svg className={css.interval} role="img" aria-label={words}>
        <title>{words}</title>
        <rect className={css.noise} x={x(1 / floor)} width={wide(1 / floor, floor)} y={0} height={HEIGHT} />
        <line className={css.one} x1={x(1)} x2={x(1)} y1={0} y2={HEIGHT} />
        <g className={css.told} data-worse={isWorse(change)}>
          <line x1={x(low)} x2={x(high)} y1={HEIGHT / 2} y2={HEIGHT / 2} />
          <line x1={x(low)} x2={x(low)} y1={HEIGHT / 2 - 5} y2={HEIGHT / 2 + 5} />
          <line x1={x(high)} x2={x(high)} y1={HEIGHT / 2 - 5} y2={HEIGHT / 2 + 5} />
          <circle cx={x(ratio)} cy={HEIGHT / 2} r={5} />
        </g>
      </svg>
      <div className={css.marks} aria-hidden="true">
        {ratioMarks(axis, 5).map(({ at, label }) => (
          <span key={label} style={{ left: `${at * 100}%` }}>
            {label}
          </span>
        ))}
      </div>
    </div>
  );
}

/** One axis for all, as far to both sides of 1. */
function axisOf(changes: readonly Change[]): LogAxis {
  const ratios = changes
    .flatMap((c) => [c.ratio_low, c.ratio_high, c.ratio, c.floor])
    .filter((r) => r !== null && r > 0);
  const far = Math.min(50, Math.max(1.5, ...ratios.map((r) => Math.max(r ?? 1, 1 / (r ?? 1)))) * 1.1);
  return logAxis(1 / far, far, 0.01);
}
