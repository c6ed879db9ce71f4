/** What a try asked for, was given and used, as bars: pure. */

import type { Amounts, Resources } from "@/api/schema";
import { count, size } from "@/words/format";

export interface Bar {
  name: string;
  requested: number | undefined;
  allocated: number | undefined;
  used: number | undefined;
  /** Value of the right end of the bar. */
  top: number;
  /** More was used than was given, or than was asked for where nothing is known of what was given. */
  over: boolean;
  word: (value: number) => string;
}

type Name = keyof Amounts;

const MB = 1 << 20;
const KINDS: { name: Name; word: string; say: (value: number) => string }[] = [
  { name: "memory_mb", word: "Memory", say: (value) => size(value * MB) },
  { name: "cpus", word: "Processors", say: (value) => count(Number(value.toFixed(2))) },
  { name: "disk_kb", word: "Disk", say: (value) => size(value * 1024) },
  { name: "gpus", word: "GPUs", say: (value) => count(Number(value.toFixed(2))) },
];

/** One bar for each resource of which anything is known. */
export function barsOf(resources: Resources): Bar[] {
  return KINDS.flatMap(({ name, word, say }) => {
    const requested = resources.requested[name] ?? undefined;
    const allocated = resources.allocated[name] ?? undefined;
    const used = resources.used[name] ?? undefined;
    const top = Math.max(requested ?? 0, allocated ?? 0, used ?? 0);
    if (top <= 0) return [];
    const limit = allocated ?? requested;
    const over = used !== undefined && limit !== undefined && limit > 0 && used > limit;
    return [{ name: word, requested, allocated, used, top, over, word: say }];
  });
}
