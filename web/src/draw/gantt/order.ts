/** In which order lanes stand: as they began in the first picture that was seen, so that looking closer moves none. */

import type { Gantt } from "@/draw/gantt/picture";

/** What the service calls the lane of all that have none of their own. */
export const OTHERS = "all others";

/** When each lane first ran, in seconds after the beginning of the picture; what never did comes last. */
export function firstRuns(gantt: Gantt): Float64Array {
  const first = new Float64Array(gantt.lanes.length).fill(Number.POSITIVE_INFINITY);
  const width = (gantt.endTs - gantt.startTs) / (gantt.level === "lanes" ? gantt.bins : 1);
  for (let n = 0; n < gantt.count; n += 1) {
    const at = gantt.level === "lanes" ? gantt.bin[n] * width : gantt.execute[n];
    if (at < first[gantt.lane[n]]) first[gantt.lane[n]] = at;
  }
  return first;
}

/** Remembers ranks of lanes by name. */
export class LaneOrder {
  private readonly ranks = new Map<string, number>();

  /** Numbers of the picture's lanes from top to bottom. */
  of(gantt: Gantt): number[] {
    const numbers = gantt.lanes.map((_, lane) => lane);
    // the service has put the critical path in order
    if (gantt.by === "path") return numbers;
    const first = firstRuns(gantt);
    const byTime = (a: number, b: number) =>
      gantt.by === "transformation" && first[a] !== first[b]
        ? first[a] - first[b]
        : gantt.lanes[a].localeCompare(gantt.lanes[b], "en", { numeric: true });
    for (const lane of numbers.toSorted(byTime)) {
      const name = gantt.lanes[lane];
      if (!this.ranks.has(name)) this.ranks.set(name, name === OTHERS ? Number.POSITIVE_INFINITY : this.ranks.size);
    }
    const rank = (lane: number) => this.ranks.get(gantt.lanes[lane]) ?? 0;
    return numbers.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
  }
}
