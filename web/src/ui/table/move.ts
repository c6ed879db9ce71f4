/** Where a key leads from a row of a list. Pure. */

/** The row after `key` was pressed; undefined when it means nothing here. `screen` is how many rows are in view. */
export function moved(key: string, active: number, count: number, screen: number): number | undefined {
  const to = target(key, active, count, Math.max(1, screen - 1));
  return to === undefined || count === 0 ? undefined : Math.min(count - 1, Math.max(0, to));
}

function target(key: string, active: number, count: number, screen: number): number | undefined {
  switch (key) {
    case "j":
    case "ArrowDown":
      return active + 1;
    case "k":
    case "ArrowUp":
      return active - 1;
    case "PageDown":
      return active + screen;
    case "PageUp":
      return active - screen;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}
