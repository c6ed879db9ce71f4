/** The search of the page of jobs that shows what stands behind a mark of a chart, those that took longest first. */
export function jobsWith(
  column: "transformation" | "hostname",
  value: string,
): { where: string; sort: string; below: true } {
  const quoted = `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  return { where: `${column}=${quoted}`, sort: "-duration_s", below: true };
}
