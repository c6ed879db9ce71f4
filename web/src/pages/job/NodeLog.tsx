import { useInfiniteQuery } from "@tanstack/react-query";
import { ProblemError } from "@/api/ask";
import { Empty, Failed, Loading } from "@/ui/Said";
import { clean, count, percent } from "@/words/format";
import css from "./job.module.css";
import { nodeLogQuery } from "./queries";

interface Props {
  uuid: string;
  name: string;
  file: "dagman" | "events";
}

/** What DAGMan's log, or the log of events, says of the job, with the byte that each piece begins at. */
export function NodeLog({ uuid, name, file }: Props) {
  const log = useInfiniteQuery(nodeLogQuery(uuid, name, file));
  if (log.error && !log.data) {
    const none = log.error instanceof ProblemError && log.error.status === 404;
    return none ? (
      <Empty title="There is no such log">{log.error.message}</Empty>
    ) : (
      <Failed error={log.error} again={() => void log.refetch()} />
    );
  }
  const last = log.data?.pages.at(-1);
  if (!log.data || !last) return <Loading what="log" lines={6} />;
  const items = log.data.pages.flatMap((page) => page.items);
  return (
    <>
      {items.length === 0 && last.next === null && (
        <Empty title="The log does not speak of this job">It was not submitted yet, or the log was replaced.</Empty>
      )}
      {items.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard
        <section className={css.log} tabIndex={0} aria-label={`Lines of ${clean(last.file)}`}>
          {items.map((item) => (
            <div key={item.offset}>
              <span className={css.offset}>{count(item.offset)}</span>
              <pre>
                {clean(item.text)}
                {item.cut && " …"}
              </pre>
            </div>
          ))}
        </section>
      )}
      {last.next !== null && (
        <p className="row">
          <button
            type="button"
            className="button"
            disabled={log.isFetchingNextPage}
            onClick={() => void log.fetchNextPage()}
          >
            {log.isFetchingNextPage ? "Looking …" : "Look further"}
          </button>
          <span className="muted">{percent(last.next / last.size)} of the log was looked through.</span>
        </p>
      )}
      <p className={css.file}>{clean(last.file)}</p>
    </>
  );
}
