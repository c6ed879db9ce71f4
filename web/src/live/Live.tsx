import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { applySummary } from "@/api/queries";
import { type Pulse, PulseStore } from "@/live/pulse";
import { Refresher } from "@/live/refresh";
import { type LiveEvent, LiveStream } from "@/live/stream";

interface Wire {
  pulse: PulseStore;
  listeners: Set<(event: LiveEvent) => void>;
}

const Context = createContext<Wire | undefined>(undefined);

/** Keeps what is inside fresh from one address of the live stream: numbers are put in place, other answers asked anew. */
export function Live({ address, children }: { address: string; children: ReactNode }) {
  const client = useQueryClient();
  // a wire for each address: what was heard of one run says nothing of another
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address is what makes it a new one
  const wire = useMemo<Wire>(() => ({ pulse: new PulseStore(), listeners: new Set() }), [address]);

  useEffect(() => {
    const refresher = new Refresher(client);
    const stream = new LiveStream(address, {
      onConnection: (connection) => wire.pulse.set({ connection }),
      onHeard: () => wire.pulse.set({ heardMs: Date.now() }),
      onEvent: (event) => {
        wire.pulse.set({ changedMs: Date.now() });
        if (event.kind === "summary") applySummary(client, event.data);
        refresher.take(event);
        for (const listener of wire.listeners) listener(event);
      },
    });
    // a hidden page gives its connection back: browsers have only six of them for each service
    const onVisibility = () => (document.hidden ? stream.pause() : stream.open());
    document.addEventListener("visibilitychange", onVisibility);
    if (!document.hidden) stream.open();
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      stream.close();
      refresher.stop();
    };
  }, [address, client, wire]);

  return <Context.Provider value={wire}>{children}</Context.Provider>;
}

/** How fresh this screen is; undefined where nothing is live. */
export function usePulse(): Pulse | undefined {
  const wire = useContext(Context);
  return useSyncExternalStore(wire?.pulse.watch ?? never, wire?.pulse.get ?? nothing);
}

/** Hear each event, for screens that put deltas in place themselves. */
export function useLiveEvents(listener: (event: LiveEvent) => void): void {
  const wire = useContext(Context);
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    if (!wire) return undefined;
    const hear = (event: LiveEvent) => latest.current(event);
    wire.listeners.add(hear);
    return () => {
      wire.listeners.delete(hear);
    };
  }, [wire]);
}

const never = () => () => {};
const nothing = () => undefined;
