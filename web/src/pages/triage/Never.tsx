import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { Triage } from "@/api/schema";
import { Command } from "@/ui/Copy";
import { Failed, Loading } from "@/ui/Said";
import { clean, count, plural } from "@/words/format";
import { neverQuery } from "./queries";
import css from "./Triage.module.css";

const ROW_PX = 34;

/** The jobs that can never run, and why: which cause each number of them waits for. */
export function Never({ uuid, told }: { uuid: string; told: Triage }) {
  const blocking = told.causes.filter((c) => !c.resolved && (c.blocks === null || c.blocks > 0));
  return (
    <div className={css.never}>
      <section className={css.head} aria-label="Why">
        <div className={css.headTitle}>
          <h2>{plural(told.never_run, "job")} can never run</h2>
        </div>
        <p>
          They wait, directly or through others, for jobs that have failed for good. They run when these are mended:
        </p>
        <ul className={css.blocking}>
          {blocking.map((cause) => (
            <li key={cause.id}>
              <Link to="/workflows/$uuid/triage" params={{ uuid }} search={{ cause: cause.id }}>
                {clean(cause.title)}
              </Link>{" "}
              <span className="muted">
                blocks {cause.blocks === null ? "too many to say" : plural(cause.blocks ?? 0, "job")}
              </span>
            </li>
          ))}
        </ul>
        {(told.steps ?? []).map((step) => (
          <p key={step.when} className={css.step}>
            <span className="muted">{clean(step.when)}:</span> <Command line={step.do} />
            {step.note && <span className="muted"> {clean(step.note)}</span>}
          </p>
        ))}
      </section>
      <Jobs uuid={uuid} total={told.never_run} />
    </div>
  );
}

function Jobs({ uuid, total }: { uuid: string; total: number }) {
  const frame = useRef<HTMLOListElement>(null);
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(neverQuery(uuid));
  const items = (data?.pages ?? []).flatMap((page) => page.items);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  const rows = virtual.getVirtualItems();
  const last = rows[rows.length - 1]?.index ?? 0;
  useEffect(() => {
    if (last >= items.length - 20 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, items.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (error && !data) return <Failed error={error} again={() => void refetch()} />;
  if (!data) return <Loading what="jobs that can never run" lines={6} />;
  return (
    <section className={css.members} aria-label="Jobs that can never run">
      <h3 className={css.part}>
        {count(items.length)} of {count(total)} listed
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keys */}
      <ol ref={frame} className={css.memberFrame} tabIndex={0} aria-label="Jobs">
        <li aria-hidden="true" style={{ height: virtual.getTotalSize() }} />
        {rows.map((row) => {
          const one = items[row.index];
          return (
            <li key={row.key} className={css.neverPlace} style={{ transform: `translateY(${row.start}px)` }}>
              <Link to="/workflows/$uuid/jobs/$name" params={{ uuid: one.wf_uuid ?? uuid, name: one.name ?? "" }}>
                {clean(one.path ?? one.name ?? "")}
              </Link>
              <span className="muted">{clean(one.transformation ?? one.type ?? "")}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
