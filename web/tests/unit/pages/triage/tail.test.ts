import { afterEach, describe, expect, it, vi } from "vitest";
import { readBefore, readTail } from "@/pages/triage/tail";

const BYTES = new TextEncoder().encode(`${"x".repeat(400_000)}END`);

/** A service that answers ranges (RFC 9110) of a file. */
function serving(bytes: Uint8Array<ArrayBuffer> | undefined) {
  vi.stubGlobal("fetch", async (_: string, init: { headers: Record<string, string> }) => {
    if (!bytes) return new Response("{}", { status: 404 });
    const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(init.headers.Range)!;
    const start = from === "" ? Math.max(0, bytes.length - Number(to)) : Number(from);
    const end = from === "" || to === "" ? bytes.length : Number(to) + 1;
    return new Response(bytes.slice(start, end), {
      status: 206,
      headers: { "Content-Range": `bytes ${start}-${end - 1}/${bytes.length}` },
    });
  });
}

afterEach(() => vi.unstubAllGlobals());

describe("readTail", () => {
  it("reads the end, and then all that is before it piece by piece", async () => {
    serving(BYTES);
    let tail = (await readTail("/out"))!;
    expect([tail.size, tail.start, tail.text.endsWith("END")]).toEqual([BYTES.length, BYTES.length - 65_536, true]);
    while (tail.start > 0) tail = await readBefore("/out", tail);
    expect(tail.text).toBe(new TextDecoder().decode(BYTES));
  });

  it("knows when there is nothing", async () => {
    serving(undefined);
    expect(await readTail("/out")).toBeUndefined();
  });
});
