/** The end of an output, read by byte range; pieces before it are put in front when they are wanted. */

import { fetchFrom, ProblemError } from "@/api/ask";

/** What was read of an output: its bytes from `start` on, as text, and how many there are in all. */
export interface Tail {
  text: string;
  start: number;
  size: number;
}

/** Bytes that are read at first, and with each wish for more. */
export const FIRST_BYTES = 64 << 10;
export const MORE_BYTES = 256 << 10;

/** The last bytes of what lies at an address. Undefined when there is nothing. */
export async function readTail(address: string, signal?: AbortSignal): Promise<Tail | undefined> {
  return readRange(address, `bytes=-${FIRST_BYTES}`, signal);
}

/** The same with more before it. */
export async function readBefore(address: string, tail: Tail, signal?: AbortSignal): Promise<Tail> {
  const start = Math.max(0, tail.start - MORE_BYTES);
  const more = await readRange(address, `bytes=${start}-${tail.start - 1}`, signal);
  return more ? { text: more.text + tail.text, start, size: tail.size } : tail;
}

async function readRange(address: string, range: string, signal?: AbortSignal): Promise<Tail | undefined> {
  let response: Response;
  try {
    response = await fetchFrom(address, signal, { Accept: "text/plain", Range: range });
  } catch (error) {
    // 404: there is none; 416: it is empty
    if (error instanceof ProblemError && [404, 416].includes(error.status)) return undefined;
    throw error;
  }
  const bytes = await response.arrayBuffer();
  const told = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("Content-Range") ?? "");
  const text = new TextDecoder().decode(bytes);
  return told ? { text, start: Number(told[1]), size: Number(told[2]) } : { text, start: 0, size: bytes.byteLength };
}
