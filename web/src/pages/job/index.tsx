/** Not built yet. */
export default function JobPage() {
  return <p className="muted">JobPage</p>;
}
