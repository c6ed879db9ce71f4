/** Not built yet. */
export default function Compare() {
  return <p className="muted">Compare</p>;
}
