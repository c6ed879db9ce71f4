/** What is asked of a list of the service: which rows, in which order (docs/reference/collections.md). Pure. */

/** `path`: of the list, below the origin. `where`: conditions (`state=failed`, `duration_s>=60`). `sort`: `-started_ts`. */
export interface Question {
  path: string;
  where: readonly string[];
  sort?: string;
  q?: string;
  /** Of all sub-workflows too. */
  below?: boolean;
}

/** Which part of the answer. */
export interface Part {
  limit?: number;
  after?: string | undefined;
  fields?: string;
  withTotal?: boolean;
  format?: "csv";
}

/** A page of a list, as the service sends it. */
export interface Page<T> {
  items: T[];
  next?: string | null;
  total?: number | null;
}

/** The address of a part of a list. */
export function addressOfList(question: Question, part: Part = {}): string {
  const parameters = question.where.map((one) => encodeURIComponent(one));
  const add = (name: string, value: string | number | boolean | undefined) => {
    if (value !== undefined && value !== "" && value !== false) parameters.push(`${name}=${encodeURIComponent(value)}`);
  };
  add("sort", question.sort);
  add("q", question.q?.trim());
  add("below", question.below);
  add("limit", part.limit);
  add("after", part.after);
  add("fields", part.fields);
  add("with_total", part.withTotal);
  add("format", part.format);
  return parameters.length ? `${question.path}?${parameters.join("&")}` : question.path;
}

/** The conditions of a filter (`state=failed&name~="a&b"`): apart at each `&` outside of quotes. */
export function conditionsOf(where: string | undefined): string[] {
  const found: string[] = [];
  let from = 0;
  let quoted = false;
  const text = where ?? "";
  for (let at = 0; at <= text.length; at += 1) {
    if (quoted && text[at] === "\\") at += 1;
    else if (text[at] === '"') quoted = !quoted;
    else if ((text[at] === "&" && !quoted) || at === text.length) {
      const one = text.slice(from, at).trim();
      if (one) found.push(one);
      from = at + 1;
    }
  }
  return found;
}

/** A condition in its parts; undefined for what is none. */
export function partsOf(condition: string): { column: string; operator: string; value: string } | undefined {
  const found = /^\s*([A-Za-z_]\w*)\s*(!=|!~|<=|>=|~=|=|<|>)\s*(.*)$/s.exec(condition);
  return found ? { column: found[1], operator: found[2], value: found[3].trim() } : undefined;
}

/** A value as a filter takes it: in quotes where it holds what would end it, or is the word for no value. */
export function quoted(value: string): string {
  if (value !== "" && value !== "null" && !/[",&\\]|^[\s=<>~!]|\s$/.test(value)) return value;
  return `"${value.replace(/[\\"]/g, (c) => `\\${c}`)}"`;
}

/** The text of a value that may be in quotes. */
export function unquoted(value: string): string {
  return value.startsWith('"') && value.endsWith('"') && value.length > 1
    ? value.slice(1, -1).replace(/\\(["\\])/g, "$1")
    : value;
}

/** `column` is one of these values (null: none). */
export function oneOf(column: string, values: readonly (string | null)[]): string {
  return `${column}=${values.map((value) => (value === null ? "null" : quoted(value))).join(",")}`;
}

/** The filter with its condition of a column replaced by another one, or taken away. */
export function withCondition(where: string | undefined, column: string, condition?: string): string | undefined {
  const others = conditionsOf(where).filter((one) => partsOf(one)?.column !== column);
  return (condition ? [...others, condition] : others).join("&") || undefined;
}

/** The filter without one of its conditions. */
export function without(where: string | undefined, condition: string): string | undefined {
  return (
    conditionsOf(where)
      .filter((one) => one !== condition)
      .join("&") || undefined
  );
}
