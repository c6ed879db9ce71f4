/** What the address of the page says: which run this one is held against; its own past without one. */

export interface CompareSearch {
  against?: string;
}

/** What is known of a query string. */
export function readSearch(raw: Record<string, unknown>): CompareSearch {
  const against = typeof raw.against === "string" ? raw.against.trim() : "";
  return against && against.length <= 255 ? { against } : {};
}

/** The verb that answers the same. */
export function commandOf(uuid: string, { against }: CompareSearch): string {
  return against ? `stampede compare ${against} ${uuid}` : `stampede compare ${uuid}`;
}
