import type { QueryClient } from "@tanstack/react-query";
import { type Topic, topicOf } from "@/api/queries";
import type { LiveEvent } from "@/live/stream";

/** Which answers an event makes old. Most of a `summary` is put in place at once; what it lacks is asked. */
const TOUCHES: Record<string, readonly Topic[]> = {
  summary: ["status", "forest", "numbers"],
  try: ["jobs", "job", "picture"],
  state: ["jobs", "job", "picture", "judgement"],
  workflow: ["runs", "numbers", "status", "forest", "judgement", "picture"],
  engine: ["runs", "numbers", "status", "forest", "judgement"],
  problem: ["problems"],
  anomaly: ["judgement"],
};

/** How long an answer of a topic stays while changes rain in, in ms. What costs the service more is asked less often. */
const REST_MS: Record<Topic, number> = {
  status: 200,
  forest: 200,
  numbers: 300,
  job: 200,
  jobs: 300,
  problems: 500,
  runs: 500,
  judgement: 2000,
  picture: 2000,
  fixed: 60_000,
};

/** What took long to be answered rests so many times as long: what is large is asked less often by itself. */
const REST_PER_TOOK = 10;
const LONGEST_REST_MS = 15_000;

/**
 * Has answers on screen asked anew when events say that they are old: at once after a rest, and at most once in a rest.
 * A storm of events costs no more than a drizzle.
 */
export class Refresher {
  private readonly client: QueryClient;
  private readonly due = new Map<Topic, ReturnType<typeof setTimeout>>();
  private readonly lastMs = new Map<Topic, number>();
  private readonly tookMs = new Map<Topic, number>();

  constructor(client: QueryClient) {
    this.client = client;
  }

  /** Take note of an event. */
  take(event: LiveEvent): void {
    const topics = event.kind === "resync" ? (Object.keys(REST_MS) as Topic[]) : (TOUCHES[event.kind] ?? []);
    for (const topic of topics) this.plan(topic);
  }

  /** Forget what is planned. */
  stop(): void {
    for (const timer of this.due.values()) clearTimeout(timer);
    this.due.clear();
  }

  private plan(topic: Topic): void {
    if (this.due.has(topic)) return;
    const rested = performance.now() - (this.lastMs.get(topic) ?? Number.NEGATIVE_INFINITY);
    const rest = Math.max(REST_MS[topic], REST_PER_TOOK * (this.tookMs.get(topic) ?? 0));
    const wait = Math.max(20, Math.min(rest, LONGEST_REST_MS) - rested);
    this.due.set(
      topic,
      setTimeout(() => this.ask(topic), wait),
    );
  }

  private ask(topic: Topic): void {
    this.due.delete(topic);
    const beganMs = performance.now();
    this.lastMs.set(topic, beganMs);
    const asked = this.client.invalidateQueries(
      { predicate: (query) => topicOf(query.queryKey) === topic },
      { cancelRefetch: false },
    );
    void asked.then(() => this.tookMs.set(topic, performance.now() - beganMs));
  }
}
