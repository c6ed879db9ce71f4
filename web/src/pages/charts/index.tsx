import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Breakdown } from "@/pages/charts/Breakdown";
import css from "@/pages/charts/Charts.module.css";
import { Efficiency } from "@/pages/charts/Efficiency";
import { Failures } from "@/pages/charts/Failures";
import { Hosts } from "@/pages/charts/Hosts";
import { Jobs } from "@/pages/charts/Jobs";
import { Runtimes } from "@/pages/charts/Runtimes";
import { type ChartName, type ChartsSearch, isTable, withTable } from "@/pages/charts/search";
import { Tables } from "@/pages/charts/Tables";
import { TimeBar } from "@/pages/charts/TimeBar";

/** What every chart of the page is given. */
export interface ChartProps {
  uuid: string;
  search: ChartsSearch;
  asTable: boolean;
  onTable: (asTable: boolean) => void;
  change: (change: Partial<ChartsSearch>) => void;
}

const PARTS: { id: ChartName; word: string; of: (props: ChartProps) => React.ReactNode }[] = [
  { id: "jobs", word: "Jobs over time", of: (props) => <Jobs {...props} /> },
  { id: "failures", word: "Failures", of: (props) => <Failures {...props} /> },
  { id: "runtimes", word: "Run times", of: (props) => <Runtimes {...props} /> },
  { id: "breakdown", word: "Breakdown", of: (props) => <Breakdown {...props} /> },
  { id: "hosts", word: "Hosts", of: (props) => <Hosts {...props} /> },
  { id: "efficiency", word: "Efficiency", of: (props) => <Efficiency {...props} /> },
];

/** What a run adds up to, over time, by transformation and by machine. */
export default function Charts() {
  const { uuid } = useParams({ from: "/workflows/$uuid/charts" });
  const search = useSearch({ from: "/workflows/$uuid/charts" });
  const navigate = useNavigate({ from: "/workflows/$uuid/charts" });
  const go = (next: ChartsSearch) => void navigate({ search: next, replace: true, resetScroll: false });
  const change = (part: Partial<ChartsSearch>) => go({ ...search, ...part });
  return (
    <div className="stack">
      <div className={css.bar}>
        <nav aria-label="Charts of this page" className={css.parts}>
          {[...PARTS, { id: "tables", word: "Tables" }].map(({ id, word }) => (
            <a key={id} href={`#${id}`}>
              {word}
            </a>
          ))}
        </nav>
        <TimeBar uuid={uuid} search={search} change={change} />
      </div>
      <div className={css.grid}>
        {PARTS.map(({ id, of }) => (
          <div key={id} className={css.part} data-part={id}>
            {of({
              uuid,
              search,
              change,
              asTable: isTable(search, id),
              onTable: (asTable) => go(withTable(search, id, asTable)),
            })}
          </div>
        ))}
        <div className={css.part} data-part="tables">
          <Tables uuid={uuid} search={search} change={change} />
        </div>
      </div>
    </div>
  );
}
