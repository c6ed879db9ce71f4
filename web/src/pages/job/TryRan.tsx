import { useState } from "react";
import type { Invocation, Transfer, Try } from "@/api/schema";
import { Card } from "@/ui/Card";
import { StateMark } from "@/ui/StateMark";
import { When } from "@/ui/When";
import { clean, duration, plural, size } from "@/words/format";
import { exitWord, jobLook } from "@/words/states";
import css from "./job.module.css";

/** What a try ran and moved; nothing where neither is known. */
export function TryRan({ one }: { one: Try }) {
  const invocations = one.invocations ?? [];
  const transfers = one.transfers ?? [];
  return (
    <>
      {invocations.length > 0 && <Invocations invocations={invocations} />}
      {transfers.length > 0 && <Transfers transfers={transfers} />}
    </>
  );
}

const FEW = 20;

/** The first of many, and all when they are asked for. */
function useFew<T>(all: T[]): [T[], React.ReactNode] {
  const [whole, setWhole] = useState(false);
  const more = all.length - FEW;
  const button = more > 0 && (
    <button type="button" className="button" onClick={() => setWhole(!whole)}>
      {whole ? "Fewer" : `All ${all.length}`}
    </button>
  );
  return [whole ? all : all.slice(0, FEW), button];
}

function seqWord(seq: number): string {
  if (seq === -1) return "pre script";
  return seq === -2 ? "post script" : String(seq);
}

function Invocations({ invocations }: { invocations: Invocation[] }) {
  const [shown, button] = useFew(invocations);
  return (
    <Card title={plural(invocations.length, "invocation")} aside="what it ran">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard */}
      <section className={css.wide} tabIndex={0} aria-label="Invocations">
        <table>
          <thead>
            <tr>
              <th>#</th>
              <th>Ended</th>
              <th>What</th>
              <th className="number">Took</th>
              <th className="number">CPU</th>
              <th className="number">Memory</th>
              <th>Started</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <tr key={one.seq}>
                <td className="nowrap">{seqWord(one.seq)}</td>
                <td>
                  <StateMark look={jobLook(one.exit.kind === "exited" && one.exit.code === 0 ? "done" : "failed")}>
                    {exitWord(one.exit)}
                  </StateMark>
                </td>
                <td className="mono">
                  <div>{clean([one.transformation, one.task && `(${one.task})`].filter(Boolean).join(" "))}</div>
                  <div className="muted">{clean([one.executable, one.arguments].filter(Boolean).join(" "))}</div>
                  {one.note && <div className={css.reason}>{clean(one.note)}</div>}
                </td>
                <td className="number">{duration(one.duration_s)}</td>
                <td className="number">{duration(one.cpu_s)}</td>
                <td className="number">{one.max_rss_kb === null ? "–" : size(one.max_rss_kb * 1024)}</td>
                <td>
                  <When time={one.start_ts} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {button}
    </Card>
  );
}

function Transfers({ transfers }: { transfers: Transfer[] }) {
  const [shown, button] = useFew(transfers);
  const failed = transfers.filter((one) => one.status).length;
  return (
    <Card title={plural(transfers.length, "transfer")} aside={failed > 0 ? `${failed} failed` : "all went well"}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard */}
      <section className={css.wide} tabIndex={0} aria-label="Transfers">
        <table>
          <thead>
            <tr>
              <th>File</th>
              <th>From, to</th>
              <th className="number">Size</th>
              <th className="number">Took</th>
              <th>Ended</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a file may be moved twice in the same way
              <tr key={index}>
                <td className="mono">{clean(one.name ?? "–")}</td>
                <td className="mono muted">
                  <div>{clean(one.source ?? "–")}</div>
                  <div>{clean(one.target ?? "–")}</div>
                  {one.reason && <div className={css.reason}>{clean(one.reason)}</div>}
                </td>
                <td className="number">{size(one.size_bytes)}</td>
                <td className="number">{duration(one.duration_s)}</td>
                <td>
                  <StateMark look={jobLook(one.status ? "failed" : "done")}>
                    {one.status ? "failed" : "moved"}
                  </StateMark>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {button}
    </Card>
  );
}
