/** What programs printed, as their record tells it: pure. */

import type { Output, Try } from "@/api/schema";

/** What each invocation printed, as far as its record tells; of a try that failed standard error comes first. */
export function printedBy(one: Try): Output[] {
  const told = (one.output ?? []).filter((piece) => piece.seq !== 0);
  const first = one.outcome === "failed" ? "stderr" : "stdout";
  return [...told].sort((a, b) => a.seq - b.seq || Number(b.stream === first) - Number(a.stream === first));
}

// the signs that the service looks for (service/scanning.py)
const ERROR =
  /(?<!\b0 |\bno )error|fatal|exception|traceback|segmentation fault|core dumped|killed|panic|no such file|permission denied|no space left|quota exceeded|not found|refused|(?<!\b0 )failed|failure|out of memory|bad_alloc|cannot |unable to |aborted/i;

/** Whether a line looks like an error. */
export function isError(line: string): boolean {
  return ERROR.test(line);
}
