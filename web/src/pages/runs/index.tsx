/** Not built yet. */
export default function Runs() {
  return <p className="muted">Runs</p>;
}
