/** Not built yet. */
export default function Overview() {
  return <p className="muted">Overview</p>;
}
