/** Bars and lanes in words: for the card at the pointer, the list, and those who hear the page. */

import { type Bars, FAILED, type Lanes, RUNNING, SUCCESS, WAITING } from "@/draw/gantt/picture";
import { clean, count, duration, percent, plural } from "@/words/format";

/** A try, as it is told. Times are epoch seconds; phases are those that took any time. */
export interface Told {
  job: string;
  /** Where its page lies. */
  uuid: string;
  name: string;
  kind: string;
  host: string;
  attempt: number;
  state: "running" | "done" | "failed" | "queued" | "held";
  startTs: number | undefined;
  phases: { word: string; seconds: number; lasts: boolean }[];
}

const STATES = { [RUNNING]: "running", [SUCCESS]: "done", [FAILED]: "failed", [WAITING]: "queued" } as const;

/** What is known of a bar; what lasts is counted up to `nowTs`. */
export function tellBar(bars: Bars, bar: number, nowTs: number): Told {
  const job = bars.job.at(bar);
  const workflow = bars.workflows[bars.workflow[bar]];
  const state = bars.state[bar] as keyof typeof STATES;
  const lasts = state === RUNNING || state === WAITING;
  const now = Math.max(bars.over[bar], nowTs - bars.startTs);
  const held = heldOf(bars, bar, lasts ? now : bars.over[bar]);
  const isHeld = lasts && held.lasts;
  const runs = state === RUNNING && !isHeld;
  const executed = state === WAITING ? now : bars.execute[bar];
  const end = runs ? now : bars.end[bar];
  const phases = [
    { word: "pre script", seconds: bars.submit[bar] - bars.begin[bar], lasts: false },
    { word: "waiting", seconds: executed - bars.submit[bar] - held.before, lasts: state === WAITING && !isHeld },
    { word: "held", seconds: held.seconds, lasts: isHeld },
    { word: "on a machine", seconds: state === WAITING ? 0 : end - bars.execute[bar], lasts: runs },
    { word: "post script", seconds: lasts ? 0 : bars.over[bar] - bars.end[bar] - held.after, lasts: false },
  ];
  return {
    job: clean(job),
    uuid: workflow.wf_uuid,
    name: job.slice(workflow.prefix.length),
    kind: clean(bars.kinds[bars.kind[bar]]),
    host: clean(bars.hosts[bars.host[bar]]),
    attempt: bars.attempt[bar],
    state: isHeld ? "held" : STATES[state],
    startTs: state === WAITING ? undefined : bars.startTs + bars.execute[bar],
    // floats of 32 bits tell a day to a hundredth of a second
    phases: phases.filter(({ seconds, lasts: still }) => seconds > 0.02 || still),
  };
}

/** How long it was held: before its last start on a machine, and after that. */
function heldOf(bars: Bars, bar: number, until: number) {
  const { holds } = bars;
  const found = { before: 0, after: 0, seconds: 0, lasts: false };
  for (let n = 0; n < holds.count; n += 1) {
    if (holds.bar[n] !== bar) continue;
    const open = holds.end[n] >= bars.over[bar];
    const seconds = (open ? until : holds.end[n]) - holds.start[n];
    found.seconds += seconds;
    if (holds.start[n] < bars.execute[bar]) found.before += seconds;
    else found.after += seconds;
    found.lasts ||= open;
  }
  return found;
}

/** A try in one sentence. */
export function sentenceOf(told: Told): string {
  const phases = told.phases.map(({ word, seconds, lasts }) => `${word} ${duration(seconds)}${lasts ? " so far" : ""}`);
  return `${told.job}, try ${told.attempt}, ${told.state}; ${phases.join(", ")}; ${told.kind} on ${told.host}`;
}

/** What stands below the name of a lane. */
export function noteOfLane(lanes: Lanes, lane: number): string {
  const failed = lanes.failed[lane] ? ` · ${count(lanes.failed[lane])} failed` : "";
  return `${plural(lanes.tries[lane], "try", "tries")}${failed}`;
}

/** How many at once, on average: `0.4`, `12`, `1,203`. */
export function atOnce(level: number): string {
  return level < 9.95 ? String(Number(level.toFixed(1))) : count(Math.round(level));
}

/** The picture in one or two sentences, for those who do not see it. */
export function summaryOf(gantt: Bars | Lanes): string {
  if (gantt.level === "lanes") {
    const tries = gantt.tries.reduce((sum, n) => sum + n, 0);
    const failed = gantt.failed.reduce((sum, n) => sum + n, 0);
    return `${plural(tries, "try", "tries")} in ${plural(gantt.lanes.length, "lane")}, ${count(failed)} failed (${percent(tries ? failed / tries : 0)}). Look closer to see single tries.`;
  }
  let failed = 0;
  let running = 0;
  for (const state of gantt.state) {
    failed += state === FAILED ? 1 : 0;
    running += state === RUNNING ? 1 : 0;
  }
  return `${plural(gantt.count, "try", "tries")} in ${plural(gantt.lanes.length, "lane")}, ${count(failed)} failed, ${count(running)} running.`;
}

/** Of the critical path: how many jobs, how long from end to end, and what of that was spent how, in seconds. */
export function pathOf(bars: Bars): { jobs: number; total: number; ran: number; waited: number; scripts: number } {
  const sums = { jobs: bars.lanes.length, total: 0, ran: 0, waited: 0, scripts: 0 };
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let bar = 0; bar < bars.count; bar += 1) {
    sums.ran += bars.end[bar] - bars.execute[bar];
    sums.waited += bars.execute[bar] - bars.submit[bar];
    sums.scripts += bars.submit[bar] - bars.begin[bar] + bars.over[bar] - bars.end[bar];
    first = Math.min(first, bars.begin[bar]);
    last = Math.max(last, bars.over[bar]);
  }
  if (bars.count > 0) sums.total = last - first;
  return sums;
}
