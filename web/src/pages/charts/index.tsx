/** Not built yet. */
export default function Charts() {
  return <p className="muted">Charts</p>;
}
