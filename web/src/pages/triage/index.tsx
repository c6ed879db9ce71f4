import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useRef, useState } from "react";
import { statusQuery, triageQuery } from "@/api/queries";
import type { Cause, Triage as Told } from "@/api/schema";
import { Command } from "@/ui/Copy";
import { useKeys } from "@/ui/keys";
import { AllWell, Empty, Failed, Loading } from "@/ui/Said";
import { Attempt } from "./Attempt";
import { CauseHead } from "./CauseHead";
import { CauseList } from "./CauseList";
import { type Held, Members } from "./Members";
import { Never } from "./Never";
import { memberQuery } from "./queries";
import { NEVER, type TriageSearch } from "./search";
import { idsOf, moved } from "./select";
import css from "./Triage.module.css";

/** What is wrong, on one screen: causes, the jobs behind each, a try, and the line of its output that explains it. */
export default function Triage() {
  const { uuid } = useParams({ from: "/workflows/$uuid/triage" });
  const { data, error, refetch } = useQuery(triageQuery(uuid));
  if (error && !data) return <Failed error={error} again={() => void refetch()} />;
  if (!data) return <Loading what="what is wrong" lines={10} />;
  if (data.causes.length === 0 && data.never_run === 0) return <Nothing uuid={uuid} />;
  return <Screen uuid={uuid} told={data} />;
}

function Nothing({ uuid }: { uuid: string }) {
  const { data } = useQuery(statusQuery(uuid));
  const own = data?.workflows[0];
  const line = <Command line={`stampede triage ${uuid.slice(0, 8)}`} />;
  if (own && !["running", "success", "unstarted"].includes(own.state)) {
    return <Empty title="No cause is known">It did not end well, but nothing that was recorded says why. {line}</Empty>;
  }
  return (
    <AllWell title={own?.state === "success" ? "Nothing went wrong" : "Nothing is wrong"}>
      <p>
        {own?.state === "running" ? "So far no job" : "No job"} failed, was held, evicted or removed, and none hangs.
        What goes wrong shows up here by itself.
      </p>
      <p>{line}</p>
    </AllWell>
  );
}

function Screen({ uuid, told }: { uuid: string; told: Told }) {
  const search = useSearch({ from: "/workflows/$uuid/triage" });
  const navigate = useNavigate();
  const [held, setHeld] = useState<{ cause: string; members: Held }>({ cause: "", members: [] });
  const ids = idsOf(told.causes, told.never_run);
  const chosen = useKept(search.cause, ids);
  const members = held.cause === chosen ? held.members : [];
  const go = (to: TriageSearch) =>
    void navigate({ to: "/workflows/$uuid/triage", params: { uuid }, search: to, replace: true, resetScroll: false });
  const enter = () => {
    const first = members[0]?.member.node;
    if (first !== undefined) go({ cause: chosen, member: search.member ?? first });
  };
  const step = (by: number) => {
    if (search.member === undefined) return go({ cause: moved(ids, chosen, by) });
    const nodes = members.map((one) => one.member.node);
    return go({ cause: chosen, member: moved(nodes, search.member, by) ?? search.member });
  };
  useKeys({
    j: { does: "next cause, or job", run: () => step(1) },
    k: { does: "cause, or job, before", run: () => step(-1) },
    l: { does: "into the jobs of the cause", run: enter },
    h: { does: "back to the causes", run: () => go({ cause: chosen }) },
  });
  const cause = told.causes.find((one) => one.id === chosen);
  const onHeld = useCallback((found: Held) => setHeld({ cause: chosen, members: found }), [chosen]);
  return (
    <>
      <div className={css.bar}>
        <p className="muted">
          <kbd>j</kbd> <kbd>k</kbd> through {search.member ? "jobs" : "causes"}, <kbd>l</kbd> into the jobs,{" "}
          <kbd>h</kbd> back, <kbd>1</kbd>–<kbd>4</kbd> what to read
        </p>
        <Command line={`stampede triage ${uuid.slice(0, 8)}`} />
      </div>
      {search.cause && search.cause !== chosen && (
        <p className={css.gone} role="status">
          The cause that this address names is no more; another one is shown.
        </p>
      )}
      <div className={css.screen}>
        <CauseList uuid={uuid} told={told} chosen={chosen} onEnter={enter} />
        <div className={css.detail}>
          {chosen === NEVER || !cause ? (
            <Never uuid={uuid} told={told} />
          ) : (
            <One
              key={cause.id}
              uuid={uuid}
              cause={cause}
              told={told}
              search={search}
              members={members}
              onHeld={onHeld}
            />
          )}
        </div>
      </div>
    </>
  );
}

/** What is wanted, if it is there; else what was shown before, so that nothing moves when others come; else the first. */
function useKept(wanted: string | undefined, known: readonly string[]): string {
  const before = useRef<string>(undefined);
  const found = [wanted, before.current].find((one) => one !== undefined && known.includes(one)) ?? known[0];
  before.current = found;
  return found;
}

function One({
  uuid,
  cause,
  told,
  search,
  members,
  onHeld,
}: {
  uuid: string;
  cause: Cause;
  told: Told;
  search: TriageSearch;
  members: Held;
  onHeld: (held: Held) => void;
}) {
  const here = members.find((one) => one.member.node === search.member)?.member;
  const far = useQuery({
    ...memberQuery(uuid, cause.id, search.member ?? ""),
    enabled: search.member !== undefined && members.length > 0 && here === undefined,
  });
  const nodes = members.map((one) => one.member.node);
  const kept = useKept(search.member, nodes);
  const member =
    search.member === undefined
      ? members.find((one) => one.member.node === kept)?.member
      : (here ?? far.data?.items[0]);
  return (
    <>
      <CauseHead cause={cause} told={told} />
      {cause.node_count > 0 ? (
        <div className={css.below}>
          <Members uuid={uuid} cause={cause} chosen={member?.node} onHeld={onHeld} />
          {member ? (
            <Attempt key={member.node} uuid={uuid} cause={cause} member={member} search={search} />
          ) : (
            <Loading what="the job" lines={8} />
          )}
        </div>
      ) : (
        <p className="muted">This is about the workflow or the pool, not about a job.</p>
      )}
    </>
  );
}
