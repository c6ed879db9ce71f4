/** Not built yet. */
export default function Triage() {
  return <p className="muted">Triage</p>;
}
