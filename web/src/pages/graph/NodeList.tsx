import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { noteOf, partsOf } from "@/pages/graph/content";
import { type GraphData, totalsOf, URGENCY } from "@/pages/graph/data";
import { StateIcon } from "@/ui/StateMark";
import { clean, count, plural } from "@/words/format";
import { jobLook } from "@/words/states";
import css from "./NodeList.module.css";

const ROW_PX = 34;

/** All nodes of the picture by name, the urgent ones first: to find one, and instead of the picture. */
export function NodeList({
  data,
  graph,
  chosen,
  onChoose,
  onOpen,
}: {
  data: GraphData;
  /** Stays the same while only states change. */
  graph: object;
  chosen: number;
  onChoose: (node: number) => void;
  onOpen: (node: number) => void;
}) {
  const [text, setText] = useState("");
  const [only, setOnly] = useState<string>();
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const totals = useMemo(() => totalsOf(data), [data]);
  const [turn, setTurn] = useState(0);
  const latest = useRef(data);
  latest.current = data;
  // rows stay where they are while states change; whoever looks puts them in order again
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const nodes = useMemo(() => foundIn(latest.current, wanted, only), [graph, wanted, only, turn]);
  const stale = useMemo(() => !isInOrder(data, nodes), [data, nodes]);
  return (
    <section className={css.list} aria-label="Nodes">
      <Legend totals={totals} only={only} onOnly={setOnly} />
      <input
        type="search"
        className="field"
        placeholder="Find a node"
        aria-label="Find a node"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && nodes.length > 0 && onChoose(nodes[0])}
      />
      <p className="muted" role="status">
        {nodes.length === data.shape.count ? plural(nodes.length, "node") : `${plural(nodes.length, "node")} found`}
        {stale && (
          <button type="button" className={css.sort} onClick={() => setTurn(turn + 1)}>
            States changed: put in order
          </button>
        )}
      </p>
      <Rows data={data} nodes={nodes} chosen={chosen} onChoose={onChoose} onOpen={onOpen} />
    </section>
  );
}

/** What shapes and colours mean, with how many jobs are so; each leaves only its own in the list. */
function Legend({
  totals,
  only,
  onOnly,
}: {
  totals: Map<string, number>;
  only: string | undefined;
  onOnly: (state: string | undefined) => void;
}) {
  return (
    <fieldset className={css.legend}>
      <legend className="visually-hidden">States, and how many jobs are in each</legend>
      {URGENCY.filter((state) => totals.has(state)).map((state) => (
        <button
          key={state}
          type="button"
          className={css.state}
          data-tone={jobLook(state).tone}
          aria-pressed={only === state}
          onClick={() => onOnly(only === state ? undefined : state)}
        >
          <StateIcon look={jobLook(state)} />
          {jobLook(state).word} <span className="number">{count(totals.get(state) ?? 0)}</span>
        </button>
      ))}
    </fieldset>
  );
}

function Rows({
  data,
  nodes,
  chosen,
  onChoose,
  onOpen,
}: {
  data: GraphData;
  nodes: Uint32Array;
  chosen: number;
  onChoose: (node: number) => void;
  onOpen: (node: number) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: nodes.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const at = nodes.indexOf(chosen);
  const scroll = useRef(rows.scrollToIndex);
  scroll.current = rows.scrollToIndex;
  // only a new choice scrolls: live changes leave the list where it is
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (at >= 0) scroll.current(at);
  }, [chosen]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && at >= 0) onOpen(chosen);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (by === undefined || nodes.length === 0) return;
    event.preventDefault();
    onChoose(nodes[Math.min(nodes.length - 1, Math.max(0, at < 0 ? 0 : at + by))]);
  };
  return (
    <div
      ref={box}
      className={css.rows}
      role="listbox"
      aria-label="Nodes by urgency"
      tabIndex={0}
      aria-activedescendant={at >= 0 ? `node-${chosen}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: rows.getTotalSize(), position: "relative" }} role="presentation">
        {rows.getVirtualItems().map(({ index, start }) => {
          const node = nodes[index];
          const look = jobLook(data.stateNames[data.states[node]]);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list hears the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus (aria-activedescendant)
            <div
              key={node}
              id={`node-${node}`}
              role="option"
              aria-selected={node === chosen}
              aria-setsize={nodes.length}
              aria-posinset={index + 1}
              className={css.row}
              style={{ top: start, height: ROW_PX }}
              onClick={() => onChoose(node)}
            >
              <span className={css.mark} data-tone={look.tone}>
                <StateIcon look={look} />
                <span className="visually-hidden">{wordsOf(data, node)}</span>
              </span>
              <span className={css.name}>{clean(data.name(node))}</span>
              <span className={`muted ${css.note}`}>{noteOf(data, node)}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function wordsOf(data: GraphData, node: number): string {
  const parts = partsOf(data, node);
  return parts
    .map(([state, n]) => (data.parts ? `${count(n)} ${jobLook(state).word}` : jobLook(state).word))
    .join(", ");
}

/** The rank of each state by number: the most urgent first. */
function ranksOf({ stateNames }: GraphData): number[] {
  return stateNames.map((name) => (URGENCY.indexOf(name) + URGENCY.length + 1) % (URGENCY.length + 1));
}

/** Whether nodes still are by urgency. */
function isInOrder(data: GraphData, nodes: Uint32Array): boolean {
  const ranks = ranksOf(data);
  return nodes.every((node, at) => at === 0 || ranks[data.states[nodes[at - 1]]] <= ranks[data.states[node]]);
}

/** The nodes whose name holds a text and that have jobs in a state, by urgency and then in their own order. */
function foundIn(data: GraphData, wanted: string, only: string | undefined): Uint32Array {
  const state = only === undefined ? -1 : data.stateNames.indexOf(only);
  const width = data.stateNames.length;
  const has = (node: number) =>
    state < 0 || (data.parts ? data.parts[node * width + state] > 0 : data.states[node] === state);
  const ranks = ranksOf(data);
  const buckets: number[][] = Array.from({ length: URGENCY.length + 1 }, () => []);
  for (let node = 0; node < data.shape.count; node++) {
    if (!has(node) || (wanted && !data.name(node).toLowerCase().includes(wanted))) continue;
    buckets[ranks[data.states[node]]].push(node);
  }
  return Uint32Array.from(buckets.flat());
}
