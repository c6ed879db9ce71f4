import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Job } from "@/api/schema";
import { Card } from "@/ui/Card";
import { StateIcon } from "@/ui/StateMark";
import { clean, count } from "@/words/format";
import { jobLook } from "@/words/states";
import css from "./job.module.css";
import { statesQuery } from "./queries";

/** The service gives so many of each kind. */
const MOST = 200;

/** The jobs that had to end before it, and those that wait for it. */
export function Neighbours({ uuid, job }: { uuid: string; job: Job }) {
  const parents = job.parents ?? [];
  const children = job.children ?? [];
  const states = useQuery(statesQuery(uuid, [...parents, ...children]));
  return (
    <Card
      title="Neighbours"
      aside={
        <Link to="/workflows/$uuid/graph" params={{ uuid }} search={{ view: "near", of: job.job } as never}>
          See it in the graph
        </Link>
      }
    >
      <List title="Waits for" names={parents} none="nothing: it is one of the first" uuid={uuid} states={states.data} />
      <List
        title="Waited for by"
        names={children}
        none="nobody: it is one of the last"
        uuid={uuid}
        states={states.data}
      />
    </Card>
  );
}

interface ListProps {
  title: string;
  names: string[];
  none: string;
  uuid: string;
  states: Record<string, string> | undefined;
}

function List({ title, names, none, uuid, states }: ListProps) {
  return (
    <section className={css.flows} aria-label={title}>
      <h3>
        {title} <span className="muted">{names.length >= MOST ? `${MOST} or more` : count(names.length)}</span>
      </h3>
      {names.length === 0 && <p className="muted">{none}</p>}
      <ul className={css.names}>
        {names.map((name) => {
          const look = jobLook(states?.[name] ?? "");
          return (
            <li key={name}>
              <Link
                to="/workflows/$uuid/jobs/$name"
                params={{ uuid, name }}
                className={css.other}
                data-tone={look.tone}
                title={look.word}
              >
                <StateIcon look={look} />
                {clean(name)}
                {look.word && <span className="visually-hidden">, {look.word}</span>}
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
