import { type FormEvent, useState } from "react";
import css from "@/ui/table/filter.module.css";
import { conditionsOf, oneOf, partsOf, quoted, unquoted, without } from "@/ui/table/question";
import { clean, moment } from "@/words/format";

/** A column that conditions can be about. `words` are all its values. */
export interface Known {
  name: string;
  word: string;
  words?: readonly string[];
}

const OPERATORS: [operator: string, word: string][] = [
  ["=", "is"],
  ["!=", "is not"],
  ["~=", "is like (* and ?)"],
  ["!~", "is not like"],
  [">=", "at least"],
  [">", "more than"],
  ["<=", "at most"],
  ["<", "less than"],
];

/** The conditions of a list as chips, each with a way to take it away. */
export function Chips({
  where,
  known,
  onChange,
}: {
  where: string | undefined;
  known: readonly Known[];
  onChange: (where: string | undefined) => void;
}) {
  const conditions = conditionsOf(where);
  if (conditions.length === 0) return null;
  return (
    <ul className={css.chips} aria-label="Conditions">
      {conditions.map((one) => (
        <li key={one}>
          <span>{clean(wordsOf(one, known))}</span>
          <button type="button" onClick={() => onChange(without(where, one))} aria-label={`Take away: ${clean(one)}`}>
            ×
          </button>
        </li>
      ))}
      {conditions.length > 1 && (
        <li className={css.all}>
          <button type="button" onClick={() => onChange(undefined)}>
            take all away
          </button>
        </li>
      )}
    </ul>
  );
}

/** A condition for people: `duration at least 60`. */
export function wordsOf(condition: string, known: readonly Known[]): string {
  const parts = partsOf(condition);
  if (!parts) return condition;
  const column = known.find((one) => one.name === parts.column)?.word ?? parts.column;
  const operator = OPERATORS.find(([sign]) => sign === parts.operator)?.[1].replace(/ \(.*/, "") ?? parts.operator;
  return `${column} ${operator} ${valueWords(parts.column, parts.value)}`;
}

function valueWords(column: string, value: string): string {
  if (value === "null") return "nothing";
  if (column.endsWith("_ts") && /^\d+(\.\d+)?$/.test(value)) return moment(Number(value));
  return unquoted(value).replace(/,/g, ", ");
}

/** Add a condition on any column. */
export function AddCondition({ known, onAdd }: { known: readonly Known[]; onAdd: (condition: string) => void }) {
  const [column, setColumn] = useState(known[0].name);
  const [operator, setOperator] = useState("=");
  const [value, setValue] = useState("");
  const words = known.find((one) => one.name === column)?.words;
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (value === "") return;
    onAdd(operator === "=" ? oneOf(column, [value]) : `${column}${operator}${quoted(value)}`);
    setValue("");
  };
  return (
    <details className={css.menu}>
      <summary className="button">Condition</summary>
      <form className={css.sheet} onSubmit={add}>
        <select
          className="field"
          aria-label="Column"
          value={column}
          onChange={(e) => {
            setColumn(e.target.value);
            setValue("");
          }}
        >
          {known.map(({ name, word }) => (
            <option key={name} value={name}>
              {word}
            </option>
          ))}
        </select>
        <select
          className="field"
          aria-label="Comparison"
          value={operator}
          onChange={(e) => setOperator(e.target.value)}
        >
          {OPERATORS.map(([sign, word]) => (
            <option key={sign} value={sign}>
              {word}
            </option>
          ))}
        </select>
        {words ? (
          <select className="field" aria-label="Value" value={value} onChange={(e) => setValue(e.target.value)}>
            <option value="">…</option>
            {words.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        ) : (
          <input
            className="field"
            aria-label="Value"
            value={value}
            onChange={(e) => setValue(e.target.value)}
            placeholder="value, or null"
          />
        )}
        <button type="submit" className="button">
          Add
        </button>
        <p className="muted">Times like 2026-11-21T21:30:00Z, durations in seconds.</p>
      </form>
    </details>
  );
}
