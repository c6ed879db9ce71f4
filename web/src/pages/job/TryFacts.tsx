import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Try } from "@/api/schema";
import { Card } from "@/ui/Card";
import { Copy } from "@/ui/Copy";
import { Lasts, When } from "@/ui/When";
import { clean, duration, epoch, exactly, plural, size } from "@/words/format";
import { exitWord } from "@/words/states";
import { Amount } from "./Amount";
import css from "./job.module.css";
import { barsOf } from "./resources";

/** Where a try ran, its states with how long each lasted, what it was given and used. */
export function TryFacts({ one, number }: { one: Try; number: number }) {
  return (
    <div className={css.columns}>
      <States one={one} number={number} />
      <div className="stack">
        <Where one={one} number={number} />
        <Used one={one} />
      </div>
    </div>
  );
}

function States({ one, number }: { one: Try; number: number }) {
  const history = one.history ?? [];
  return (
    <Card title={`States of try ${number}`} aside={interruptions(one)}>
      {history.length === 0 && <p className="muted">Nothing was told of it yet.</p>}
      <ol className={css.states}>
        {history.map((state, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a state may come twice in a second, and none goes away
          <li key={`${index} ${state.state}`}>
            <Since time={state.ts} first={index === 0 ? undefined : history[0].ts} />
            <span>
              <code>{clean(state.state)}</code>
              {state.reason && <span className={css.reason}>{clean(state.reason)}</span>}
            </span>
            <span className="number muted">
              {state.duration_s !== null ? (
                duration(state.duration_s)
              ) : one.outcome === null ? (
                <Lasts since={state.ts} />
              ) : (
                ""
              )}
            </span>
          </li>
        ))}
      </ol>
      {(one.holds ?? []).length > 0 && <Holds one={one} />}
      {one.remove_reason && <p className={css.reason}>Removed: {clean(one.remove_reason)}</p>}
    </Card>
  );
}

/** When a state began: the first one by the clock, the others by the time since then. */
function Since({ time, first }: { time: string | number; first: string | number | undefined }) {
  const ts = epoch(time);
  const began = epoch(first);
  if (ts === undefined || began === undefined) return <When time={time} />;
  return (
    <time className="number muted" dateTime={new Date(ts * 1000).toISOString()} title={exactly(ts)}>
      +{duration(ts - began)}
    </time>
  );
}

function interruptions(one: Try): string {
  const words = [];
  if (one.executions > 1) words.push(`started ${one.executions} times`);
  if (one.evictions > 0) words.push(plural(one.evictions, "eviction"));
  if (one.holds?.length) words.push(plural(one.holds.length, "hold"));
  return words.join(", ");
}

function Holds({ one }: { one: Try }) {
  return (
    <ul className={css.holds} aria-label="Holds">
      {one.holds?.map((hold) => (
        <li key={String(hold.held_ts)}>
          <strong>
            Held for <Lasts since={hold.held_ts} until={hold.released_ts ?? one.end_ts} />
          </strong>
          {hold.code !== null && (
            <span className="muted">
              {" "}
              code {hold.code}
              {hold.subcode ? `.${hold.subcode}` : ""}
            </span>
          )}
          {hold.reason && <span className={css.reason}>{clean(hold.reason)}</span>}
        </li>
      ))}
    </ul>
  );
}

/** Facts without a value are left out. */
function Where({ one, number }: { one: Try; number: number }) {
  const facts: [word: string, value: ReactNode][] = [
    ["Host", text(one.hostname ?? one.ip)],
    ["Slot", text(one.slot)],
    ["Site", text(one.site)],
    ["HTCondor id", one.htcondor_id && <Copied value={one.htcondor_id} what="HTCondor id" />],
    ["User", text(one.user)],
    ["Directory", one.directory && <Copied value={one.directory} what="directory" />],
    ["Submitted", clock(one.submit_ts)],
    ["Started", clock(one.execute_ts)],
    ["Ended", clock(one.end_ts)],
    ["Ran", one.duration_s !== null && duration(one.duration_s)],
    ["Program", one.outcome !== null && exitWord(one.exit)],
    ["PRE script", exitWord(one.pre_exit)],
    ["POST script", exitWord(one.post_exit)],
    ["Start of DAGMan", one.run > 1 && `number ${one.run}`],
    [
      "Workflow below",
      one.workflow_below && (
        <Link to="/workflows/$uuid" params={{ uuid: one.workflow_below }}>
          open it
        </Link>
      ),
    ],
  ];
  return (
    <Card title={`Where and when try ${number} ran`}>
      <dl className={css.pairs}>
        {facts
          .filter(([, value]) => value)
          .map(([word, value]) => (
            <div key={word}>
              <dt>{word}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </Card>
  );
}

function clock(time: string | number | null): ReactNode {
  const ts = epoch(time);
  return ts !== undefined && <span className="number">{exactly(ts)}</span>;
}

function text(value: string | null): ReactNode {
  return value && <span className="mono">{clean(value)}</span>;
}

function Copied({ value, what }: { value: string; what: string }) {
  return (
    <span className={css.copied}>
      <span className="mono">{clean(value)}</span>
      <Copy text={value} what={what} />
    </span>
  );
}

function Used({ one }: { one: Try }) {
  const { resources } = one;
  const bars = resources ? barsOf(resources) : [];
  const cpu = resources ? (resources.cpu_user_s ?? 0) + (resources.cpu_system_s ?? 0) : 0;
  if (!resources || bars.length === 0) {
    return (
      <Card title="Resources">
        <p className="muted">Nothing was told of what it asked for and used.</p>
      </Card>
    );
  }
  return (
    <Card title="Resources" aside="used, against what was asked for and given">
      <div className={css.amounts}>
        {bars.map((bar) => (
          <Amount key={bar.name} bar={bar} />
        ))}
      </div>
      <p className="muted">
        {cpu > 0 && `CPU time ${duration(cpu)}. `}
        {resources.bytes_sent !== null && `Sent ${size(resources.bytes_sent)}. `}
        {resources.bytes_received !== null && `Received ${size(resources.bytes_received)}.`}
      </p>
    </Card>
  );
}
