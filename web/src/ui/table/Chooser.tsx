import { type Column, colsOf } from "@/ui/table/columns";
import css from "@/ui/table/filter.module.css";

/** Which columns are shown. */
export function Chooser<T>({
  columns,
  shown,
  onChoose,
}: {
  columns: readonly Column<T>[];
  shown: readonly string[];
  onChoose: (cols: string | undefined) => void;
}) {
  const toggle = (id: string) => {
    const ids = shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id];
    onChoose(colsOf(columns, ids));
  };
  return (
    <details className={css.menu}>
      <summary className="button">Columns</summary>
      <div className={css.sheet}>
        {columns.map(({ id, word }) => (
          <label key={id} className={css.choice}>
            <input
              type="checkbox"
              checked={shown.includes(id)}
              disabled={shown.length === 1 && shown.includes(id)}
              onChange={() => toggle(id)}
            />
            {word}
          </label>
        ))}
        <button type="button" className="button" onClick={() => onChoose(undefined)}>
          The usual ones
        </button>
      </div>
    </details>
  );
}
