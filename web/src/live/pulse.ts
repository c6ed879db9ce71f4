import type { Connection } from "@/live/stream";

/** How fresh a screen is: the connection, when anything was heard last, and when something changed last (epoch ms; 0: never). */
export interface Pulse {
  connection: Connection;
  heardMs: number;
  changedMs: number;
}

/** A value that React components can watch (useSyncExternalStore). */
export class PulseStore {
  private value: Pulse = { connection: "connecting", heardMs: 0, changedMs: 0 };
  private readonly watchers = new Set<() => void>();

  get = (): Pulse => this.value;

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  set(change: Partial<Pulse>): void {
    this.value = { ...this.value, ...change };
    for (const watcher of this.watchers) watcher();
  }
}
