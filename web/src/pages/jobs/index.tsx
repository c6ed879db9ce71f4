/** Not built yet. */
export default function Jobs() {
  return <p className="muted">Jobs</p>;
}
