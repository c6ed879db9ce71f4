import { type KeyboardEvent, useState } from "react";
import { toFolded } from "@/draw/gantt/fold";
import { PAD_PX } from "@/draw/gantt/layout";
import { beginOf } from "@/draw/gantt/pack";
import { sentenceOf, tellBar } from "@/pages/gantt/describe";
import type { GanttStore } from "@/pages/gantt/store";
import type { Body } from "@/pages/gantt/useBody";
import { clean } from "@/words/format";

export interface Chosen {
  bar: number | undefined;
  lane: number | undefined;
  choose: (bar: number | undefined) => void;
  onKey: (event: KeyboardEvent, box: HTMLElement | null, open: (bar: number) => void) => void;
  /** The choice in a sentence, to be heard. */
  words: (nowTs: number) => string;
}

/**
 * The bar that is chosen by keys or a finger: `j` and `k` go to the next and the one before within the lane, `J` and `K` to the
 * next lane. It stays chosen when the picture comes anew.
 */
export function useChosen(body: Body, store: GanttStore, phases: boolean): Chosen {
  const [kept, setKept] = useState<{ job: string; attempt: number; hint: number } | undefined>();
  const [laneName, setLane] = useState<string | undefined>();
  const bar = body.level === "bars" && kept ? found(body, kept) : undefined;
  const lane = laneOf(body, laneName);

  const choose = (next: number | undefined) => {
    if (next === undefined || body.level !== "bars") return setKept(undefined);
    const { gantt } = body;
    setLane(gantt.lanes[gantt.lane[next]]);
    return setKept({ job: gantt.job.at(next), attempt: gantt.attempt[next], hint: next });
  };
  const forget = () => {
    setKept(undefined);
    setLane(undefined);
  };
  const step = (by: number) => {
    if (body.level !== "bars") return undefined;
    const own = inLane(body, lane ?? body.order[0]);
    const at = bar === undefined ? (by > 0 ? -1 : own.length) : own.indexOf(bar);
    return own[Math.min(own.length - 1, Math.max(0, at + by))];
  };
  const otherLane = (by: number) => {
    const at = lane === undefined ? (by > 0 ? -1 : body.order.length) : body.order.indexOf(lane);
    const next = body.order[Math.min(body.order.length - 1, Math.max(0, at + by))];
    setLane(body.gantt.lanes[next]);
    if (body.level !== "bars") return undefined;
    const own = inLane(body, next);
    return own.find((one) => isSeen(body, one, store, phases)) ?? own[0];
  };
  const go = (next: number | undefined, box: HTMLElement | null) => {
    choose(next);
    if (next !== undefined && body.level === "bars") show(body, next, store, box, phases);
  };
  const onKey: Chosen["onKey"] = (event, box, open) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const does = new Map<string, () => void>([
      ["j", () => go(step(1), box)],
      ["k", () => go(step(-1), box)],
      ["J", () => go(otherLane(1), box)],
      ["K", () => go(otherLane(-1), box)],
      ["ArrowLeft", () => store.pan(-0.15)],
      ["ArrowRight", () => store.pan(0.15)],
    ]);
    if (box && box.scrollHeight > box.clientHeight) {
      does.set("ArrowUp", () => box.scrollBy(0, -48));
      does.set("ArrowDown", () => box.scrollBy(0, 48));
    }
    if (bar !== undefined) does.set("Enter", () => open(bar));
    if (bar !== undefined || laneName !== undefined) does.set("Escape", forget);
    const act = does.get(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  };
  const words = (nowTs: number) => {
    if (bar !== undefined && body.level === "bars") return sentenceOf(tellBar(body.gantt, bar, nowTs));
    return lane === undefined ? "" : `Lane ${clean(body.gantt.lanes[lane])}`;
  };
  return { bar, lane, choose, onKey, words };
}

type BarBody = Extract<Body, { level: "bars" }>;

function laneOf(body: Body, name: string | undefined): number | undefined {
  const at = name === undefined ? -1 : body.gantt.lanes.indexOf(name);
  return at < 0 ? undefined : at;
}

/** Where a try is in the present picture. */
function found({ gantt }: BarBody, kept: { job: string; attempt: number; hint: number }): number | undefined {
  const is = (bar: number) => gantt.attempt[bar] === kept.attempt && gantt.job.at(bar) === kept.job;
  if (kept.hint < gantt.count && is(kept.hint)) return kept.hint;
  for (let bar = 0; bar < gantt.count; bar += 1) if (is(bar)) return bar;
  return undefined;
}

/** The bars of a lane in order of time. */
function inLane({ gantt, packed }: BarBody, lane: number): number[] {
  return [...packed.order].filter((bar) => gantt.lane[bar] === lane);
}

/** Whether any of a bar lies in the time that is seen. */
function isSeen({ gantt }: BarBody, bar: number, store: GanttStore, phases: boolean): boolean {
  const seen = store.seen();
  if (!seen) return false;
  const begin = gantt.startTs + beginOf(gantt, bar, phases);
  return begin <= seen.end && gantt.startTs + Math.max(gantt.over[bar], gantt.end[bar]) >= seen.start;
}

/** Bring a bar into view. */
function show(body: BarBody, bar: number, store: GanttStore, box: HTMLElement | null, phases: boolean): void {
  const { gantt, layout, packed } = body;
  const { span } = store;
  if (span && !isSeen(body, bar, store, phases)) {
    const at = toFolded(store.fold, gantt.startTs + beginOf(gantt, bar, phases));
    const half = (span.to - span.from) / 2;
    store.look({ from: at - half, to: at + half });
  }
  if (!box) return;
  const y = layout.yOf[gantt.lane[bar]] + PAD_PX + packed.row[bar] * layout.rowHeight;
  if (y < box.scrollTop) box.scrollTop = y - 8;
  else if (y + layout.rowHeight > box.scrollTop + box.clientHeight) {
    box.scrollTop = y + layout.rowHeight - box.clientHeight + 8;
  }
}
