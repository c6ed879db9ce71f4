/** Run times: from columns to a row for each transformation. */

import type { Picture, TextColumn } from "@/api/columns";
import { type LogAxis, logAxis } from "@/draw/charts/scale";
import { density, violinPath } from "@/draw/charts/violin";

export interface Kind {
  name: string;
  tries: number;
  mean: number;
  p1: number;
  p5: number;
  p25: number;
  p50: number;
  p75: number;
  p95: number;
  p99: number;
  faster: number;
  slower: number;
  seconds: Float32Array;
  counts: Uint32Array;
  outside: Far[];
}

/** A job far outside of the others of its kind. */
export interface Far {
  job: string;
  host: string;
  seconds: number;
}

export interface RuntimesData {
  kinds: Kind[];
  leftOut: number;
  axis: LogAxis;
}

/** The chart that the service sent. */
export function readRuntimes({ facts, tables }: Picture): RuntimesData {
  const names = facts.kinds as string[];
  const told = tables.kinds.columns as Record<string, Float32Array>;
  const classes = tables.histogram.columns as { kind: Uint32Array; seconds: Float32Array; tries: Uint32Array };
  const far = tables.outside.columns as { kind: Uint32Array; seconds: Float32Array; job: TextColumn; host: TextColumn };
  const outside = names.map((): Far[] => []);
  far.kind.forEach((kind, i) => {
    outside[kind].push({ job: far.job.at(i), host: far.host.at(i), seconds: far.seconds[i] });
  });
  const kinds = names.map((name, n): Kind => {
    // classes of a kind lie together
    const from = classes.kind.indexOf(n);
    const to = classes.kind.lastIndexOf(n) + 1;
    const at = (column: string) => told[column][n];
    return {
      name,
      tries: at("tries"),
      mean: at("mean_s"),
      p1: at("p1_s"),
      p5: at("p5_s"),
      p25: at("p25_s"),
      p50: at("p50_s"),
      p75: at("p75_s"),
      p95: at("p95_s"),
      p99: at("p99_s"),
      faster: at("faster"),
      slower: at("slower"),
      seconds: classes.seconds.subarray(from, to),
      counts: classes.tries.subarray(from, to),
      outside: outside[n],
    };
  });
  const most = classes.seconds.reduce((a, b) => Math.max(a, b), 1);
  const least = classes.seconds.reduce((a, b) => (b > 0 ? Math.min(a, b) : a), most);
  return { kinds, leftOut: Number(facts.left_out), axis: logAxis(least * 0.9, most * 1.1) };
}

/** How many places of the axis a shape has. */
const POINTS = 160;
/** The width of the box in which a shape is given; it is stretched to the room there is. */
export const SHAPE_WIDTH = 1000;

/** The shape of a kind's distribution as an SVG path. */
export function shapeOf(kind: Kind, axis: LogAxis, height: number): string {
  return violinPath(density(kind.seconds, kind.counts, axis, POINTS), SHAPE_WIDTH, height);
}
