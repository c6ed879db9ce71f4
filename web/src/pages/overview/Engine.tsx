import { useQuery } from "@tanstack/react-query";
import type { EventItem } from "@/api/schema";
import { Card } from "@/ui/Card";
import { Empty, Failed, Loading } from "@/ui/Said";
import { When } from "@/ui/When";
import { clean, plural } from "@/words/format";
import css from "./Overview.module.css";
import { eventsQuery } from "./queries";
import { eventWord } from "./sentences";

/** Events of a run that are shown; of more, the latest. */
const SHOWN = 40;

/** What the engine did: starts, ends, halts, rescue DAGs, by run. */
export function Engine({ uuid }: { uuid: string }) {
  const { data, error, refetch } = useQuery(eventsQuery(uuid));
  const items = data?.items ?? [];
  const runs = new Set(items.map((item) => item.run)).size;
  return (
    <Card title="Starts, rescues, restarts" aside={runs > 1 && plural(runs, "run")}>
      {error && !data ? (
        <Failed error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading what="what the engine did" />
      ) : items.length === 0 ? (
        <Empty title="The engine has said nothing yet" />
      ) : (
        <ol className={css.events}>
          {items.slice(-SHOWN).map((item) => (
            <One key={`${item.ts} ${item.state} ${item.value}`} item={item} runs={runs} />
          ))}
        </ol>
      )}
    </Card>
  );
}

function One({ item, runs }: { item: EventItem; runs: number }) {
  return (
    <li>
      <When time={item.ts} />
      <span>
        <b>{clean(eventWord(item.state ?? ""))}</b>
        {runs > 1 && <span className="muted"> · run {item.run}</span>}
        {item.value && <span className="mono"> {clean(item.value)}</span>}
        {item.reason && <span className="muted"> {clean(item.reason)}</span>}
      </span>
    </li>
  );
}
