import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { Cause, Member, Try } from "@/api/schema";
import { useKeys } from "@/ui/keys";
import { Failed, Loading } from "@/ui/Said";
import { When } from "@/ui/When";
import { clean, duration, size } from "@/words/format";
import { exitWord } from "@/words/states";
import { FileOutput, TextOutput } from "./Output";
import { attemptQuery } from "./queries";
import type { TriageSearch } from "./search";
import { programText } from "./select";
import css from "./Triage.module.css";

/** A try of a member: how it ended and where, and what it printed, with the line that explains it. */
export function Attempt({
  uuid,
  cause,
  member,
  search,
}: {
  uuid: string;
  cause: Cause;
  member: Member;
  search: TriageSearch;
}) {
  const number = Math.min(search.attempt ?? member.attempt ?? 1, Math.max(1, member.attempts, member.attempt ?? 1));
  const { data, error, refetch } = useQuery({
    ...attemptQuery(member.wf_uuid, member.job, number),
    enabled: member.attempt !== null,
  });
  const navigate = useNavigate();
  const go = (change: Partial<TriageSearch>) =>
    void navigate({
      to: "/workflows/$uuid/triage",
      params: { uuid },
      search: { ...search, cause: cause.id, ...change },
      replace: true,
      resetScroll: false,
    });
  return (
    <section className={css.attempt} aria-label={`Try ${number} of ${clean(member.node)}`}>
      <header className={css.attemptHead}>
        <h3>
          <Link to="/workflows/$uuid/jobs/$name" params={{ uuid: member.wf_uuid, name: member.job }}>
            {clean(member.node)}
          </Link>
        </h3>
        <Tries
          member={member}
          number={number}
          onChoose={(n) => go({ attempt: n === member.attempt ? undefined : n })}
        />
      </header>
      {member.attempt === null ? (
        <p className="muted">No try of it is known: only its engine says that it failed.</p>
      ) : error && !data ? (
        <Failed error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading what="the try" lines={6} />
      ) : (
        <Shown
          member={member}
          number={number}
          one={data}
          cause={cause}
          search={search}
          onStream={(stream) => go({ stream })}
        />
      )}
    </section>
  );
}

function Tries({ member, number, onChoose }: { member: Member; number: number; onChoose: (n: number) => void }) {
  const all = Math.max(member.attempts, member.attempt ?? 0);
  if (all < 2) return null;
  return (
    <label className="row">
      <span className="muted">try</span>
      <select className="field" value={number} onChange={(event) => onChoose(Number(event.target.value))}>
        {Array.from({ length: all }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: tries are numbered
          <option key={i} value={i + 1}>
            {i + 1} of {all}
            {i + 1 === member.attempt ? " (this cause)" : ""}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The streams of a try that there are: what its record quotes first, since that is what the program itself said. */
export function streamsOf(one: Try): string[] {
  const found = ["stderr", "stdout"];
  if (programText(one.output ?? [])) found.unshift("program");
  if ((one.invocations ?? []).some((i) => i.seq > 0)) found.push("kickstart");
  return found;
}

function Shown({
  member,
  number,
  one,
  cause,
  search,
  onStream,
}: {
  member: Member;
  number: number;
  one: Try;
  cause: Cause;
  search: TriageSearch;
  onStream: (stream: string) => void;
}) {
  const streams = streamsOf(one);
  const stream = search.stream && streams.includes(search.stream) ? search.stream : streams[0];
  useKeys(
    Object.fromEntries(streams.map((name, i) => [`${i + 1}`, { does: `read ${name}`, run: () => onStream(name) }])),
  );
  const address = `/api/v1/workflows/${encodeURIComponent(member.wf_uuid)}/jobs/${encodeURIComponent(member.job)}/attempts/${number}/${stream}`;
  return (
    <>
      <p className={css.attemptFacts}>{attemptFacts(one).join(" · ")}</p>
      {one.holds && one.holds.length > 0 && (
        <p className={css.hold} title={clean(one.holds[one.holds.length - 1].reason ?? "")}>
          Held <When time={one.holds[one.holds.length - 1].held_ts} />:{" "}
          {clean(one.holds[one.holds.length - 1].reason ?? "no reason given")}
        </p>
      )}
      <div className={css.streams} role="tablist" aria-label="What it printed">
        {streams.map((name, i) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`stream-${name}`}
            aria-selected={name === stream}
            aria-controls="output"
            onClick={() => onStream(name)}
          >
            {name} <kbd>{i + 1}</kbd>
          </button>
        ))}
      </div>
      <div role="tabpanel" id="output" aria-labelledby={`stream-${stream}`} className={css.panel}>
        {stream === "program" ? (
          <TextOutput key={`${member.node} ${number}`} text={programText(one.output ?? [])} message={cause.message} />
        ) : (
          <FileOutput key={address} address={address} message={cause.message} ended={one.outcome !== null} />
        )}
      </div>
    </>
  );
}

function attemptFacts(one: Try): string[] {
  const used = one.resources?.used?.memory_mb;
  const asked = one.resources?.requested?.memory_mb;
  const facts = [
    exitWord(one.exit),
    one.hostname ?? one.slot,
    one.site && `site ${one.site}`,
    one.duration_s !== null && `ran ${duration(one.duration_s)}`,
    used && `${size(used * 1e6)} of memory used${asked ? ` of ${size(asked * 1e6)}` : ""}`,
    one.executions > 1 && `started ${one.executions} times`,
  ];
  return facts.filter((fact): fact is string => Boolean(fact)).map(clean);
}
