import { Link } from "@tanstack/react-router";
import { Empty } from "@/ui/Said";

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <Empty title="There is no such page">
      The address may be of another version. <Link to="/">All runs</Link> are listed on the first page.
    </Empty>
  );
}
