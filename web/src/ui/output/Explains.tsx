/** What a marked line says to those who do not see the mark. */
export function Explains() {
  return <span className="visually-hidden">explains the failure: </span>;
}
