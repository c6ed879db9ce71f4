/** Jobs by state over time: from columns to layers, and to a sentence. */

import type { Picture } from "@/api/columns";
import { hatch } from "@/draw/charts/frame";
import type { Paint } from "@/draw/charts/stack";
import { colour } from "@/ui/theme";
import { count, epoch, percent, plural } from "@/words/format";

export interface JobsData {
  startTs: number;
  endTs: number;
  total: number;
  bins: number;
  readyKnown: boolean;
  peakRunning: number;
  columns: Record<string, Float32Array>;
  /** The time at a share of the window. */
  at: (share: number) => number;
  /** Where a bin begins. */
  tsOf: (bin: number) => number;
}

export interface Layer {
  name: string;
  word: string;
  tone: string;
  hatched?: boolean;
  values: Float32Array;
}

/** From below: what is over, what is under way, what is still to come. */
const LAYERS: { name: string; word: string; tone: string; hatched?: boolean; active?: boolean }[] = [
  { name: "done", word: "done", tone: "--done" },
  { name: "failed", word: "failed or can never run", tone: "--fail", hatched: true },
  { name: "running", word: "running", tone: "--run", active: true },
  { name: "post", word: "post script", tone: "--script", hatched: true, active: true },
  { name: "pre", word: "pre script", tone: "--script", active: true },
  { name: "held", word: "held", tone: "--held", hatched: true, active: true },
  { name: "queued", word: "in the queue", tone: "--queue", active: true },
  { name: "ready", word: "ready", tone: "--ready" },
  { name: "waiting", word: "waiting", tone: "--waiting" },
];

/** The chart that the service sent. */
export function readJobs(picture: Picture): JobsData {
  const { facts, tables } = picture;
  const startTs = epoch(facts.start_ts as string) ?? 0;
  const endTs = Math.max(epoch(facts.end_ts as string) ?? 0, startTs + 1e-3);
  const bins = tables.bins.rows;
  return {
    startTs,
    endTs,
    bins,
    total: Number(facts.total),
    readyKnown: facts.ready_known === true,
    peakRunning: Number(facts.peak_running),
    columns: tables.bins.columns as Record<string, Float32Array>,
    at: (share) => startTs + share * (endTs - startTs),
    tsOf: (bin) => startTs + (bin / bins) * (endTs - startTs),
  };
}

/** The layers in which there is anything, or those of jobs that are under way. */
export function layersOf(data: JobsData, active: boolean): Layer[] {
  return LAYERS.filter((one) => !active || one.active)
    .map((one) => ({ ...one, values: data.columns[one.name] }))
    .filter(({ name, values }) => name === "running" || values.some((value) => value > 1e-4));
}

/** How a layer is filled. */
export function fillOf(ctx: CanvasRenderingContext2D): (layer: Layer) => Paint {
  return ({ tone, hatched }) => (hatched ? hatch(ctx, colour(tone), colour("--paper")) : colour(tone));
}

/** What the chart shows, in a sentence. */
export function saysOf(data: JobsData): string {
  const last = (name: string) => Math.round(data.columns[name].at(-1) ?? 0);
  const most = data.peakRunning >= 1 ? `; at most ${count(Math.round(data.peakRunning))} ran at once` : "";
  const failed = last("failed") > 0 ? ` and ${count(last("failed"))} failed or can never run` : "";
  const done = data.total > 0 ? ` (${percent(last("done") / data.total)})` : "";
  return `At the end of this time ${count(last("done"))} of ${plural(data.total, "job")} were done${done}${failed}${most}.`;
}
