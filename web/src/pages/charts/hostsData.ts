/** Machines side by side: from columns to rows, in the order in which one looks at them. */

import type { Picture, TextColumn } from "@/api/columns";
import type { AnomalyItem } from "@/api/schema";
import { type LogAxis, logAxis } from "@/draw/charts/scale";

export interface HostRow {
  host: string;
  tries: number;
  failed: number;
  busy: number;
  wasted: number;
  compared: number;
  relative: number;
  p25: number;
  p75: number;
  /** What detectors said of it. */
  reasons: string[];
}

export interface HostsData {
  rows: HostRow[];
  inAll: number;
  axis: LogAxis;
}

/** The chart that the service sent, with what was found not to be as it was; those with a finding first. */
export function readHosts({ facts, tables }: Picture, anomalies: readonly AnomalyItem[]): HostsData {
  const { host } = tables.hosts.columns as { host: TextColumn };
  const numbers = tables.hosts.columns as Record<string, Float32Array>;
  const rows = Array.from({ length: tables.hosts.rows }, (_, i): HostRow => {
    const name = host.at(i);
    return {
      host: name,
      tries: numbers.tries[i],
      failed: numbers.failed[i],
      busy: numbers.busy_s[i],
      wasted: numbers.wasted_s[i],
      compared: numbers.compared[i],
      relative: numbers.relative[i],
      p25: numbers.relative_p25[i],
      p75: numbers.relative_p75[i],
      reasons: anomalies.filter((one) => isOf(one, name)).map((one) => one.reason ?? ""),
    };
  });
  const ratios = rows.filter((row) => row.compared > 0).flatMap((row) => [row.p25, row.p75]);
  const far = Math.max(2, ...ratios.map((ratio) => Math.max(ratio, 1 / ratio)));
  const marked = rows.toSorted((a, b) => Number(b.reasons.length > 0) - Number(a.reasons.length > 0));
  return { rows: marked, inAll: Number(facts.hosts), axis: logAxis(1 / Math.min(far, 20), Math.min(far, 20), 0.01) };
}

function isOf(anomaly: AnomalyItem, host: string): boolean {
  const name = anomaly.hostname ?? "";
  return name === host || name.endsWith(`@${host}`);
}
