import { createParser, type EventSourceMessage } from "eventsource-parser";
import { fetchFrom, ProblemError } from "@/api/ask";

/** One event of the live stream (docs/how-to/live-stream.md). */
export interface LiveEvent {
  kind: string;
  data: Record<string, unknown>;
}

/**
 * `connecting` until the first word; `live` while words come (the service says at least every 15 s that it lives);
 * `lost` between tries after the connection broke; `paused` while the page is hidden.
 */
export type Connection = "connecting" | "live" | "lost" | "paused";

export interface StreamListener {
  onEvent(event: LiveEvent): void;
  /** Called whenever something was heard, also a mere sign of life. */
  onHeard(): void;
  onConnection(connection: Connection): void;
}

/** A connection that says nothing for so long is given up: the service says every 15 s that it lives. */
const SILENT_MS = 40_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;

/**
 * Hears one address of the live stream until it is closed, and comes back by itself from where it was.
 *
 * The browser's own EventSource is not used: it hides the signs of life, so that a dead connection looks like a quiet one.
 */
export class LiveStream {
  private readonly address: string;
  private readonly listener: StreamListener;
  private lastId = "";
  private retryMs = FIRST_RETRY_MS;
  private current: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(address: string, listener: StreamListener) {
    this.address = address;
    this.listener = listener;
  }

  /** Begin to listen. */
  open(): void {
    this.closed = false;
    void this.listen();
  }

  /** Stop for good. */
  close(): void {
    this.closed = true;
    this.drop();
  }

  /** Stop while nobody looks; `open` goes on from the same place. */
  pause(): void {
    this.close();
    this.listener.onConnection("paused");
  }

  private drop(): void {
    clearTimeout(this.timer);
    this.current?.abort();
    this.current = undefined;
  }

  private async listen(): Promise<void> {
    this.drop();
    const mine = new AbortController();
    this.current = mine;
    this.listener.onConnection("connecting");
    try {
      await this.read(mine);
    } catch (error) {
      if (error instanceof ProblemError && [400, 403, 404].includes(error.status)) this.closed = true;
    }
    if (this.current !== mine || this.closed) return;
    this.listener.onConnection("lost");
    this.timer = setTimeout(() => void this.listen(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
  }

  private async read(mine: AbortController): Promise<void> {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (this.lastId) headers["Last-Event-ID"] = this.lastId;
    const response = await fetchFrom(this.address, mine.signal, headers);
    const parser = createParser({ onEvent: (event) => this.take(event), onComment: () => {} });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let silence = setTimeout(() => mine.abort(), SILENT_MS);
    this.retryMs = FIRST_RETRY_MS;
    this.listener.onConnection("live");
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(() => mine.abort(), SILENT_MS);
        this.listener.onHeard();
        parser.feed(value);
      }
    } finally {
      clearTimeout(silence);
    }
  }

  private take(event: EventSourceMessage): void {
    if (event.id) this.lastId = event.id;
    if (event.event === undefined || !event.data) return;
    this.listener.onEvent({ kind: event.event, data: JSON.parse(event.data) as Record<string, unknown> });
  }
}
