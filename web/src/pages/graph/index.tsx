/** Not built yet. */
export default function Graph() {
  return <p className="muted">Graph</p>;
}
