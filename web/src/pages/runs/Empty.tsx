import { Command } from "@/ui/Copy";
import { Empty } from "@/ui/Said";

/** The first page of somebody who has nothing yet: how to begin. */
export function Begin() {
  return (
    <Empty title="No run is known yet">
      <div className="stack">
        <p>
          Name the submit directory of a workflow that Pegasus or DAGMan runs, or has run. It shows up here by itself,
          and is followed while it goes on.
        </p>
        <p>
          <Command line="stampede watch DIR" />
        </p>
        <p>One that is over is read at once, many of them one after the other:</p>
        <p>
          <Command line="stampede load DIR…" />
        </p>
        <p className="muted">
          Other engines send what happens to this service: <a href="/api/v1/docs">events in</a>. To see a recorded run,
          call <code>make demo</code> in the source of Stampede.
        </p>
      </div>
    </Empty>
  );
}

/** The filter leaves nothing. */
export function NoneMatches({ onClear }: { onClear: () => void }) {
  return (
    <Empty title="No run matches">
      <p>None has all of what was asked for.</p>
      <button type="button" className="button" onClick={onClear}>
        All runs
      </button>
    </Empty>
  );
}
