import { beforeEach, describe, expect, it, vi } from "vitest";
import { CHUNK, MOST_BYTES, OutputReader } from "@/ui/output/reader";

let file = new Uint8Array();

/** A service that gives bytes by range, as ours does. */
function serve() {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (_: string, { headers }: { headers: Record<string, string> }) => {
    asked.push(headers.Range);
    const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(headers.Range)!;
    const from = first === "" ? Math.max(0, file.length - Number(last)) : Number(first);
    const to = first === "" || last === "" ? file.length : Math.min(file.length, Number(last) + 1);
    if (from >= file.length) return new Response("{}", { status: 416 });
    const range = `bytes ${from}-${to - 1}/${file.length}`;
    return new Response(file.slice(from, to), { status: 206, headers: { "content-range": range } });
  });
  return asked;
}

const numbered = (n: number) => Uint8Array.from({ length: n }, (_, at) => at % 251);

/** `toEqual` takes a second for so many bytes. */
const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

describe("OutputReader", () => {
  beforeEach(() => {
    file = numbered(40 * CHUNK + 123);
  });

  it("opens at the end without the rest", async () => {
    serve();
    const reader = new OutputReader("/x");
    await reader.open("end");
    const { from, bytes, size } = reader.get();
    expect(size).toBe(file.length);
    expect(from % CHUNK).toBe(0);
    expect(from + bytes.length).toBe(file.length);
    expect(bytes.length).toBeLessThan(4 * CHUNK);
  });

  it("holds no more than its window while one goes through the file, and always the right bytes", async () => {
    serve();
    const reader = new OutputReader("/x");
    await reader.open(20 * CHUNK);
    for (let step = 0; step < 30; step++) {
      await (step < 15 ? reader.before() : reader.after());
      const { from, bytes } = reader.get();
      expect(bytes.length).toBeLessThanOrEqual(MOST_BYTES);
      expect(isSame(bytes, file.subarray(from, from + bytes.length))).toBe(true);
    }
  });

  it("takes a small file at once", async () => {
    file = numbered(100);
    const asked = serve();
    const reader = new OutputReader("/x");
    await reader.open(7);
    expect(reader.get().bytes).toEqual(file);
    expect(asked).toHaveLength(1);
  });

  it("knows an empty file, and sees it grow", async () => {
    file = new Uint8Array();
    serve();
    const reader = new OutputReader("/x");
    await reader.open("end");
    expect(reader.get()).toMatchObject({ size: 0, busy: false, error: undefined });
    file = numbered(10);
    await reader.refresh(true);
    expect(reader.get().bytes).toEqual(file);
  });

  it("follows what is written, and begins anew when the file became shorter", async () => {
    serve();
    const reader = new OutputReader("/x");
    await reader.open("end");
    file = numbered(file.length + 3 * CHUNK);
    await reader.refresh(true);
    let held = reader.get();
    expect(held.from + held.bytes.length).toBe(file.length);
    file = numbered(50);
    await reader.refresh(true);
    held = reader.get();
    expect(held.bytes).toEqual(file);
  });
});
