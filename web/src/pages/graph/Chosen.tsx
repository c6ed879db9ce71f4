import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { jobQuery } from "@/api/queries";
import type { Neighbours } from "@/draw/graph/neighbours";
import { noteOf, partsOf } from "@/pages/graph/content";
import type { GraphData } from "@/pages/graph/data";
import { Paths } from "@/pages/graph/Paths";
import type { GraphSearch } from "@/pages/graph/search";
import type { Placed } from "@/pages/graph/useScene";
import { StateMark } from "@/ui/StateMark";
import { clean, duration, plural } from "@/words/format";
import { exitWord, jobLook } from "@/words/states";
import css from "./graph.module.css";

/** The node that is chosen: how it stands, what is next to it, where one can go from here. */
export function Chosen({
  uuid,
  placed,
  node,
  search,
  onChoose,
}: {
  uuid: string;
  placed: Placed;
  node: number;
  search: GraphSearch;
  onChoose: (node: number) => void;
}) {
  const { data, scene } = placed;
  const below = data.nested.get(node);
  return (
    <section className={css.chosen} aria-label="Chosen node">
      <header className={css.who}>
        <h2 className={css.name}>{clean(data.name(node))}</h2>
        <button type="button" className="button" onClick={() => onChoose(-1)} aria-label="Choose nothing">
          ×
        </button>
      </header>
      <p className="muted">{noteOf(data, node)}</p>
      {data.sort === "jobs" ? (
        <JobFacts uuid={uuid} name={data.name(node)} state={data.stateNames[data.states[node]]} />
      ) : null}
      {data.parts && <Parts data={data} node={node} uuid={uuid} />}
      <div className="row">
        {data.sort === "jobs" && (
          <>
            <Link to="/workflows/$uuid/jobs/$name" params={{ uuid, name: data.name(node) }} className="button">
              Open job
            </Link>
            {search.of !== data.name(node) && (
              <Link
                from="/workflows/$uuid/graph"
                to="."
                search={{ view: "near", of: data.name(node), at: data.name(node) }}
                className="button"
              >
                What is near
              </Link>
            )}
          </>
        )}
        {below !== undefined && below !== uuid && (
          <Link to="/workflows/$uuid/graph" params={{ uuid: below }} className="button">
            Graph of the sub-workflow
          </Link>
        )}
      </div>
      <Paths search={search} />
      <Next title="Waits for" near={scene.up} data={data} node={node} onChoose={onChoose} />
      <Next title="Is waited for by" near={scene.down} data={data} node={node} onChoose={onChoose} />
    </section>
  );
}

/** Jobs of a group by state; each leads to the list of them. */
function Parts({ data, node, uuid }: { data: GraphData; node: number; uuid: string }) {
  const to = (state: string) => ({ ...(data.nested.size ? {} : { transformation: data.name(node) }), state });
  return (
    <ul className="row">
      {partsOf(data, node).map(([state, n]) => (
        <li key={state}>
          <Link
            to="/workflows/$uuid/jobs"
            params={{ uuid: data.nested.get(node) ?? uuid }}
            search={to(state) as never}
            title="List them"
          >
            <StateMark look={jobLook(state)}>
              {plural(n, "job")} {jobLook(state).word}
            </StateMark>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function JobFacts({ uuid, name, state }: { uuid: string; name: string; state: string }) {
  const { data } = useQuery(jobQuery(uuid, name));
  const last = data?.tries?.at(-1);
  const facts: [string, ReactNode][] = [];
  if (data) facts.push(["tries", `${data.attempts} of ${data.max_retries + 1}`]);
  if (last?.hostname) facts.push(["host", clean(last.hostname)]);
  if (last?.site) facts.push(["site", clean(last.site)]);
  if (last?.duration_s != null) facts.push(["ran", duration(last.duration_s)]);
  if (last?.outcome != null) facts.push(["ended with", exitWord(last.exit)]);
  return (
    <>
      <div>
        <StateMark look={jobLook(state)} />
      </div>
      {data?.reason && <p>{clean(data.reason)}</p>}
      <dl className={css.facts}>
        {facts.map(([what, value]) => (
          <div key={what}>
            <dt className="muted">{what}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

const MOST_NEXT = 8;

/** Nodes next to one, the first of many. */
function Next({
  title,
  near,
  data,
  node,
  onChoose,
}: {
  title: string;
  near: Neighbours;
  data: GraphData;
  node: number;
  onChoose: (node: number) => void;
}) {
  const all = near.list.subarray(near.first[node], near.first[node + 1]);
  if (all.length === 0) return null;
  return (
    <div>
      <h3>
        {title} <span className="muted">{all.length > 1 ? all.length : ""}</span>
      </h3>
      <ul className={css.next}>
        {Array.from(all.subarray(0, MOST_NEXT), (other) => (
          <li key={other}>
            <button type="button" onClick={() => onChoose(other)}>
              <StateMark look={jobLook(data.stateNames[data.states[other]])} />
              <span>{clean(data.name(other))}</span>
            </button>
          </li>
        ))}
      </ul>
      {all.length > MOST_NEXT && <p className="muted">and {plural(all.length - MOST_NEXT, "other")}</p>}
    </div>
  );
}
