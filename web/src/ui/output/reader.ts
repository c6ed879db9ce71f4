import { fetchFrom, ProblemError } from "@/api/ask";

/** Bytes that are fetched at once, and how many such pieces are kept: memory does not depend on the size of the file. */
export const CHUNK = 64 * 1024;
const MOST_CHUNKS = 8;
/** What is held at most. */
export const MOST_BYTES = MOST_CHUNKS * CHUNK;
/** Pieces that are fetched when one comes near the edge of what is there. */
const STEP = 2;

/** What of a file is here. `from` and `bytes` are a window of it; `size` is undefined until the first answer. */
export interface Held {
  size: number | undefined;
  from: number;
  bytes: Uint8Array<ArrayBuffer>;
  error: unknown;
  busy: boolean;
}

const NOTHING: Held = { size: undefined, from: 0, bytes: new Uint8Array(), error: undefined, busy: true };

/** Reads a file of any size by byte range: a window that moves, and grows when the file does. A store for React. */
export class OutputReader {
  readonly address: string;
  private held: Held = NOTHING;
  private readonly watchers = new Set<() => void>();
  private going: Promise<void> | undefined;
  private abort = new AbortController();

  constructor(address: string) {
    this.address = address;
  }

  get = (): Held => this.held;

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** Stop what is under way. */
  close(): void {
    this.abort.abort();
    this.going = undefined;
  }

  /** Have the window hold a byte: in its middle, as far as there is so much. What is under way is given up. */
  open(at: number | "end"): Promise<void> {
    this.close();
    this.abort = new AbortController();
    return this.run(async (signal) => {
      if (at === "end" || this.held.size === undefined) {
        const tail = await this.read(`bytes=-${CHUNK}`, signal);
        if (at === "end" || (tail.from === 0 && tail.bytes.length === tail.size)) {
          await this.openEnd(tail, signal);
          return;
        }
        this.held = { ...this.held, size: tail.size };
      }
      const size = this.held.size!;
      const middle = Math.floor(Math.min(at, Math.max(0, size - 1)) / CHUNK);
      const from = Math.max(0, middle - STEP) * CHUNK;
      this.put(await this.read(range(from, (2 * STEP + 1) * CHUNK), signal));
    });
  }

  /** Have more of what stands before the window. */
  before(): Promise<void> {
    const { from, size } = this.held;
    if (from === 0 || size === undefined) return Promise.resolve();
    return this.once(async (signal) => {
      const start = Math.max(0, from - STEP * CHUNK);
      const more = await this.read(range(start, from - start), signal);
      const bytes = joined(more.bytes, this.held.bytes).subarray(0, MOST_BYTES);
      this.put({ from: start, bytes: bytes.slice(), size: more.size });
    });
  }

  /** Have more of what stands behind the window. */
  after(): Promise<void> {
    const { from, bytes, size } = this.held;
    const end = from + bytes.length;
    if (size === undefined || end >= size) return Promise.resolve();
    return this.once(async (signal) => {
      const more = await this.read(range(end, STEP * CHUNK), signal);
      this.put(slid(from, joined(this.held.bytes, more.bytes), more.size));
    });
  }

  /** Look whether the file has grown; with `follow` its new end is fetched. A file that became shorter is read anew. */
  refresh(follow: boolean): Promise<void> {
    const { size, from, bytes, error } = this.held;
    if (error !== undefined || !size) return this.once((signal) => this.begin(signal));
    return this.once((signal) => this.grow(size, from + bytes.length === size, follow, signal));
  }

  /** Take what was written since; `last`: the window reaches to what was the end. */
  private async grow(size: number, last: boolean, follow: boolean, signal: AbortSignal): Promise<void> {
    const more = await this.read(range(size - 1, last ? CHUNK + 1 : 1), signal);
    if (more.size === size) return;
    const { from, bytes } = this.held;
    const reached = last && from + bytes.length + more.bytes.length - 1 >= more.size;
    if (more.size < size || (follow && !reached)) await this.begin(signal);
    else if (last && (follow || bytes.length < MOST_BYTES)) {
      this.put(slid(from, joined(bytes, more.bytes.subarray(1)), more.size));
    } else this.set({ ...this.held, size: more.size });
  }

  private async begin(signal: AbortSignal): Promise<void> {
    await this.openEnd(await this.read(`bytes=-${CHUNK}`, signal), signal);
  }

  private async openEnd(tail: Part, signal: AbortSignal): Promise<void> {
    // windows begin at multiples of a piece, so that long lines are cut alike
    const from = Math.max(0, Math.floor((tail.size - 2 * CHUNK) / CHUNK) * CHUNK);
    this.put(tail.from === 0 ? tail : await this.read(range(from, MOST_BYTES), signal));
  }

  private once(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    return this.going ?? this.run(work);
  }

  private run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.abort;
    const mine = work(signal)
      .catch((error: unknown) => {
        if (!signal.aborted) this.set({ ...this.held, error, busy: false });
      })
      .finally(() => {
        if (this.going === mine) this.going = undefined;
      });
    this.going = mine;
    return mine;
  }

  private async read(wanted: string, signal: AbortSignal): Promise<Part> {
    try {
      // what browsers keep of a part goes wrong when the file grows
      const response = await fetchFrom(this.address, signal, { Accept: "text/plain", Range: wanted }, "no-store");
      const told = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "");
      const bytes = new Uint8Array(await response.arrayBuffer());
      return told ? { from: Number(told[1]), size: Number(told[2]), bytes } : { from: 0, size: bytes.length, bytes };
    } catch (error) {
      if (error instanceof ProblemError && error.status === 416) {
        return { from: 0, size: 0, bytes: new Uint8Array() }; // it is empty, or shorter than it was
      }
      throw error;
    }
  }

  private put(part: Part): void {
    this.set({ size: part.size, from: part.from, bytes: part.bytes, error: undefined, busy: false });
  }

  private set(held: Held): void {
    this.held = held;
    for (const watcher of this.watchers) watcher();
  }
}

interface Part {
  from: number;
  size: number;
  bytes: Uint8Array<ArrayBuffer>;
}

function range(from: number, length: number): string {
  return `bytes=${from}-${from + length - 1}`;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** The end of a window that has become too large; it goes on to begin at the start of a piece. */
function slid(from: number, bytes: Uint8Array<ArrayBuffer>, size: number): Part {
  const over = Math.max(0, Math.ceil((bytes.length - MOST_BYTES) / CHUNK)) * CHUNK;
  return { from: from + over, bytes: over ? bytes.slice(over) : bytes, size };
}
