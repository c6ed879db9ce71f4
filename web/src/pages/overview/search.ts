/** What stands in the address of the overview: which sub-workflows are listed. */
export interface OverviewSearch {
  below?: "trouble";
}

/** The query string as far as it means something here. */
export function readSearch(raw: Record<string, unknown>): OverviewSearch {
  return raw.below === "trouble" ? { below: "trouble" } : {};
}
