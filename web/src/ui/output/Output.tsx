import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { ProblemError } from "@/api/ask";
import { useKeys } from "@/ui/keys";
import { Empty, Failed, Loading } from "@/ui/Said";
import { Bar } from "./Bar";
import { Places } from "./Find";
import { lineAround } from "./layout";
import css from "./Output.module.css";
import { firstErrorQuery } from "./queries";
import type { Bytes } from "./Rows";
import { OutputReader } from "./reader";
import { Scroller } from "./Scroller";
import { useFind, type Wanted } from "./useFind";
import { useRows } from "./useRows";
import { useWrap } from "./wrap";

export type { Bytes };

export interface OutputProps {
  /** Where the bytes are (`/api/v1/…/stderr`); `address/search` tells where a text stands. */
  address: string;
  /** What it is, for people: `stderr of try 2`. */
  label: string;
  /** Where to begin; `error`: at the first sign of one, else at the end. */
  open?: "start" | "end" | "error";
  /** Bytes that are marked and shown first; `hrefOf` and `onAt` make the numbers of lines links to them. */
  at?: Bytes | undefined;
  hrefOf?: (byte: number) => string;
  onAt?: (at: Bytes | undefined) => void;
  /** A text that is looked for from the start. */
  find?: string;
  onFind?: (text: string) => void;
  /** Whether more may still be written: looks for it each second, and follows while one is at the end. */
  live?: boolean;
  /** Without a place to look for texts. */
  plain?: boolean;
  name?: string;
}

const LOOK_MS = 1000;

/** What a job printed, of any size, as text: nothing in it is obeyed. */
export function Output(props: OutputProps) {
  const { address, live = false } = props;
  const reader = useMemo(() => new OutputReader(address), [address]);
  const held = useSyncExternalStore(reader.watch, reader.get);
  const lost = held.error instanceof ProblemError && held.error.status === 404;
  useEffect(() => () => reader.close(), [reader]);
  return (
    <section className={css.output} aria-label={props.label}>
      <Inside key={address} {...props} reader={reader} held={held} />
      {held.error !== undefined && lost && (
        <Empty title={`No ${props.label}`}>
          {(held.error as ProblemError).message}
          {live && " It is looked for again while the job runs."}
        </Empty>
      )}
      {held.error !== undefined && !lost && <Failed error={held.error} again={() => void reader.open("end")} />}
    </section>
  );
}

function Inside(props: OutputProps & { reader: OutputReader; held: ReturnType<OutputReader["get"]> }) {
  const { reader, held, address, at, live = false } = props;
  const scroller = useRef<HTMLElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [wrap, toggleWrap] = useWrap();
  const [wanted, setWanted] = useState<Wanted>(props.find ? { kind: "text", text: props.find } : undefined);
  const [listed, setListed] = useState(false);
  const rows = useRows(reader, held, scroller, wrap);
  const { layout, go, sticks } = rows;
  const find = useFind(address, props.plain ? undefined : wanted, go);
  const [opened, setOpened] = useState<Bytes>();
  useOpening(props, go, setOpened);
  useLooking(reader, live && held.size !== undefined, sticks);
  useLooking(reader, live && held.error !== undefined, true);

  const look = useCallback(
    (next: Wanted) => {
      setWanted(next);
      props.onFind?.(next?.kind === "text" ? next.text : "");
    },
    [props.onFind],
  );
  useKeys({
    f: { does: "find in the output", run: () => field.current?.focus() },
    n: { does: "next place found", run: () => find.step(1) },
    N: { does: "place before", run: () => find.step(-1) },
    w: { does: "wrap long lines", run: toggleWrap },
  });
  const pick = useCallback(
    (piece: number, extend: boolean) => {
      const [from, to] = lineAround(layout, piece);
      props.onAt?.(extend && at ? [Math.min(at[0], from), Math.max(at[1], to)] : [from, to]);
    },
    [layout, at, props.onAt],
  );
  const hit = find.current;
  if (held.error !== undefined && held.bytes.length === 0) return null;
  return (
    <>
      <Bar
        {...props}
        field={field}
        wanted={wanted}
        onWanted={look}
        find={find}
        listed={listed}
        onListed={() => setListed(!listed)}
        wrap={wrap}
        onWrap={toggleWrap}
        go={go}
        size={held.size}
        topByte={rows.topByte}
        moves={(held.size ?? 0) > held.bytes.length}
        follows={live && sticks}
      />
      {listed && find.hits.length > 0 && <Places hits={find.hits} at={find.at} onGo={find.goTo} />}
      {held.busy && held.size === undefined && <Loading what={props.label} lines={6} />}
      {held.size === 0 && <p className={css.empty}>Nothing was written. It is empty.</p>}
      <Scroller
        box={scroller}
        rows={rows}
        held={held}
        wrap={wrap}
        label={props.label}
        wanted={wanted?.kind === "text" ? wanted.text : ""}
        current={hit ? [hit.offset, hit.offset + hit.length] : opened}
        marked={at}
        hrefOf={props.hrefOf}
        onPick={props.onAt && pick}
      />
    </>
  );
}

/** Go where one wants to begin, once. */
function useOpening(
  { address, at, open = "end", plain }: OutputProps,
  go: (where: number | "end") => void,
  onHit: (hit: Bytes) => void,
): void {
  const client = useQueryClient();
  const done = useRef(false);
  useEffect(() => {
    if (done.current) return;
    done.current = true;
    if (at) go(at[0]);
    else if (open === "start") go(0);
    else if (open === "end" || plain) go("end");
    else {
      client.fetchQuery({ ...firstErrorQuery(address), retry: false }).then(
        (hit) => {
          if (hit) onHit([hit.offset, hit.offset + hit.length]);
          go(hit ? hit.offset : "end");
        },
        () => go("end"),
      );
    }
  }, [address, at, open, plain, go, onHit, client]);
}

/** Look for more each second, while somebody looks. */
function useLooking(reader: OutputReader, looks: boolean, follow: boolean): void {
  useEffect(() => {
    if (!looks) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) void reader.refresh(follow);
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [reader, looks, follow]);
}
