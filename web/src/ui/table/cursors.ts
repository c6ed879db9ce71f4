/**
 * Where pages of a list begin. A list is read by cursors, each of which leads only to what comes next; but a cursor does
 * not depend on how many rows were read, nor on which of their columns. So a far page is reached in long strides of a
 * single column, and each place that was passed once is known for good. Pure but for what is remembered.
 */

/** Rows of a page, and of a stride at most (what the service gives at once). */
export const PAGE = 100;
export const STRIDE = 10_000;

/** A step on the way to a place: read `limit` rows after `cursor`, which leads to row `from`. */
export interface Stride {
  from: number;
  cursor: string | undefined;
  limit: number;
}

export class Cursors {
  private readonly places = new Map<number, string | undefined>([[0, undefined]]);
  /** How many rows there are, once the end was seen. */
  end: number | undefined;

  /** Whether the way to a row is known. */
  knows(row: number): boolean {
    return this.places.has(row);
  }

  /** The cursor that leads to a row (undefined for the first). */
  at(row: number): string | undefined {
    return this.places.get(row);
  }

  /** The farthest row that is known to be there, or to come next. */
  get reach(): number {
    return Math.max(...this.places.keys());
  }

  /** Take note of what came after a row. */
  learn(from: number, rows: number, next: string | null | undefined): void {
    if (next) this.places.set(from + rows, next);
    else this.end = from + rows;
  }

  /** The next step to a row; undefined when it is known, or behind the end. */
  stride(row: number): Stride | undefined {
    if (this.places.has(row) || (this.end !== undefined && row >= this.end)) return undefined;
    let from = 0;
    for (const place of this.places.keys()) if (place < row && place > from) from = place;
    return { from, cursor: this.places.get(from), limit: Math.min(STRIDE, row - from) };
  }
}

/** How many rows a list shows: all of a known total, else those known and one page more where it goes on. */
export function rowsToShow(cursors: Cursors, total: number | null | undefined, most: number): number {
  const rows = cursors.end ?? total ?? cursors.reach + (cursors.reach > 0 ? PAGE : 0);
  return Math.min(rows, most);
}

/** The pages that rows lie on. */
export function pagesOf(first: number, last: number): number[] {
  const from = Math.floor(Math.max(0, first) / PAGE);
  const to = Math.floor(Math.max(0, last) / PAGE);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
