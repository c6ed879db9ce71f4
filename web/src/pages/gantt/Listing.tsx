import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { peaksOf } from "@/draw/gantt/paintLanes";
import type { Bars, Gantt, Lanes } from "@/draw/gantt/picture";
import { atOnce, tellBar } from "@/pages/gantt/describe";
import css from "@/pages/gantt/Listing.module.css";
import type { TimeSpan } from "@/pages/gantt/store";
import { StateMark } from "@/ui/StateMark";
import { When } from "@/ui/When";
import { clean, count, duration } from "@/words/format";
import { jobLook } from "@/words/states";

const MOST = 200;

/** What the drawing shows, to be read and followed without a pointer. */
export function Listing({ gantt, seen, nowTs }: { gantt: Gantt; seen: TimeSpan; nowTs: number }) {
  const [open, setOpen] = useState(false);
  return (
    <details className={css.list} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>What is drawn, as a list</summary>
      {!open ? null : gantt.level === "bars" ? (
        <Tries bars={gantt} seen={seen} nowTs={nowTs} />
      ) : (
        <Sums lanes={gantt} />
      )}
    </details>
  );
}

function Tries({ bars, seen, nowTs }: { bars: Bars; seen: TimeSpan; nowTs: number }) {
  const shown: number[] = [];
  let more = 0;
  for (let bar = 0; bar < bars.count; bar += 1) {
    if (bars.startTs + bars.begin[bar] > seen.end || bars.startTs + bars.over[bar] < seen.start) continue;
    if (shown.length < MOST) shown.push(bar);
    else more += 1;
  }
  return (
    <div className={css.scroll}>
      <table>
        <thead>
          <tr>
            <th>Job</th>
            <th className="number">Try</th>
            <th>State</th>
            <th>Began</th>
            <th>Phases</th>
            <th>Where</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((bar) => {
            const told = tellBar(bars, bar, nowTs);
            return (
              <tr key={`${told.job} ${told.attempt}`}>
                <td>
                  <Link to="/workflows/$uuid/jobs/$name" params={{ uuid: told.uuid, name: told.name }}>
                    {told.job}
                  </Link>
                </td>
                <td className="number">{told.attempt}</td>
                <td>
                  <StateMark look={jobLook(told.state)} />
                </td>
                <td>
                  <When time={told.startTs} />
                </td>
                <td>{told.phases.map(({ word, seconds }) => `${word} ${duration(seconds)}`).join(", ")}</td>
                <td className="mono">{told.host}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {more > 0 && <p className="muted">And {count(more)} more; look closer to see them.</p>}
    </div>
  );
}

function Sums({ lanes }: { lanes: Lanes }) {
  const peaks = peaksOf(lanes);
  return (
    <div className={css.scroll}>
      <table>
        <thead>
          <tr>
            <th>Lane</th>
            <th className="number">Tries</th>
            <th className="number">Failed</th>
            <th className="number">Most at once</th>
          </tr>
        </thead>
        <tbody>
          {lanes.lanes.map((name, lane) => (
            <tr key={name}>
              <td className="mono">{clean(name)}</td>
              <td className="number">{count(lanes.tries[lane])}</td>
              <td className="number">{count(lanes.failed[lane])}</td>
              <td className="number">{atOnce(peaks[lane])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
