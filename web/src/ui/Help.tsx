import { Dialog } from "@/ui/Dialog";
import { knownKeys } from "@/ui/keys";
import css from "./Help.module.css";

/** The keys that work on this page. */
export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <h2>Keys</h2>
      <dl className={css.keys}>
        {knownKeys().map(([key, does]) => (
          <div key={key}>
            <dt>
              {key.split(" ").map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
