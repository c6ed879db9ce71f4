/** Not built yet. */
export default function Gantt() {
  return <p className="muted">Gantt</p>;
}
