import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, useEffect, useRef } from "react";
import type { Cause, Member } from "@/api/schema";
import { StateIcon } from "@/ui/StateMark";
import { clean, count, plural } from "@/words/format";
import { exitWord, jobLook } from "@/words/states";
import { membersQuery, PAGE } from "./queries";
import css from "./Triage.module.css";

const ROW_PX = 46;

/** The jobs behind a cause, however many: pages are asked for where one looks. Tells its parent what it holds. */
export function Members({
  uuid,
  cause,
  chosen,
  onHeld,
}: {
  uuid: string;
  cause: Cause;
  chosen: string | undefined;
  onHeld: (held: Held) => void;
}) {
  const frame = useRef<HTMLOListElement>(null);
  const virtual = useVirtualizer({
    count: cause.node_count,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
  });
  const rows = virtual.getVirtualItems();
  const pages = pagesOf(rows.map((row) => row.index));
  const answers = useQueries({ queries: pages.map((page) => membersQuery(uuid, cause.id, page)) });
  const first = answers[0]?.data;
  const at = (index: number): Member | undefined =>
    answers[pages.indexOf(Math.floor(index / PAGE))]?.data?.items[index % PAGE];
  const shown = answers.flatMap((answer, i) =>
    (answer.data?.items ?? []).map((member, k) => ({ member, index: pages[i] * PAGE + k })),
  );
  useTold(shown, onHeld);
  useFollowed(shown, chosen, virtual.scrollToIndex);
  return (
    <section className={css.members} aria-label="Jobs of this cause">
      <h3 className={css.part}>
        {plural(cause.node_count, "job")}
        <span className={css.standing}>{first ? standing(first.states) : "\u00a0"}</span>
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keys */}
      <ol ref={frame} className={css.memberFrame} tabIndex={0} aria-label="Jobs" style={roomFor(cause.node_count)}>
        <li aria-hidden="true" style={{ height: virtual.getTotalSize() }} />
        {rows.map((row) => (
          <li key={row.key} className={css.memberPlace} style={{ transform: `translateY(${row.start}px)` }}>
            <Row uuid={uuid} cause={cause.id} member={at(row.index)} chosen={chosen} />
          </li>
        ))}
      </ol>
    </section>
  );
}

/** How many rows a narrow screen has to give room to. */
function roomFor(rows: number): CSSProperties {
  return { "--rows": Math.min(rows, 6) } as CSSProperties;
}

/** The members that are at hand, with their places in the list. */
export type Held = { member: Member; index: number }[];

function useTold(held: Held, onHeld: (held: Held) => void): void {
  const key = held.map((h) => h.member.node + h.member.word).join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: told when it is another list, not with each render
  useEffect(() => onHeld(held), [key]);
}

/** Keep the chosen one in sight when it changes; not when one scrolls away from it. */
function useFollowed(held: Held, chosen: string | undefined, scrollTo: (index: number) => void): void {
  const found = held.find((h) => h.member.node === chosen)?.index;
  const last = useRef<string>(undefined);
  useEffect(() => {
    if (found === undefined || last.current === chosen) return;
    last.current = chosen;
    scrollTo(found);
  }, [found, chosen, scrollTo]);
}

function pagesOf(indexes: number[]): number[] {
  return [...new Set([0, ...indexes.map((i) => Math.floor(i / PAGE))])];
}

/** `12 failed for good, 3 open, 78 went well in the end`. */
function standing(states: Record<string, number>): string {
  const failed = (states.failed ?? 0) + (states.futile ?? 0);
  const done = states.done ?? 0;
  const open = Object.values(states).reduce((a, b) => a + b, 0) - failed - done;
  return [
    failed && `${count(failed)} failed for good`,
    open && `${count(open)} open`,
    done && `${count(done)} went well in the end`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** A host without its domain; addresses stay whole. */
function shortHost(name: string): string {
  return /^[\d.:]+$/.test(name) ? name : name.split(".")[0];
}

function Row({
  uuid,
  cause,
  member,
  chosen,
}: {
  uuid: string;
  cause: string;
  member: Member | undefined;
  chosen: string | undefined;
}) {
  if (!member) return <span className={css.memberLoading} />;
  const look = jobLook(member.word);
  return (
    <Link
      to="/workflows/$uuid/triage"
      params={{ uuid }}
      search={{ cause, member: member.node }}
      className={css.memberRow}
      aria-current={member.node === chosen || undefined}
      data-tone={look.tone}
      resetScroll={false}
      replace
      title={clean(member.node)}
    >
      <span className={css.memberName}>
        <StateIcon look={look} />
        <span className="visually-hidden">{look.word}</span>
        <span>{clean(member.node)}</span>
      </span>
      <span className={css.memberFacts}>
        {[
          exitWord(member.exit),
          member.attempt && `try ${member.attempt} of ${Math.max(member.attempts, member.attempt)}`,
          member.hostname && clean(shortHost(member.hostname)),
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
    </Link>
  );
}
