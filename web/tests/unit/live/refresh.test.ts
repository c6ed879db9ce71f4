import { QueryClient } from "@tanstack/react-query";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Refresher } from "@/live/refresh";

const SUMMARY = { kind: "summary", data: {} };

/** A client that answers each question after so long, and the moments at which forests were asked for. */
function clientWith(tookMs: number) {
  const asked: number[] = [];
  const client = new QueryClient();
  vi.spyOn(client, "invalidateQueries").mockImplementation(async (filters) => {
    if (!filters?.predicate?.({ queryKey: ["forest", "u"] } as never)) return;
    asked.push(performance.now());
    await new Promise((done) => setTimeout(done, tookMs));
  });
  return { client, asked };
}

afterEach(() => vi.useRealTimers());

describe("Refresher", () => {
  it.each([
    ["quick answers are asked anew five times a second", 1, 5],
    ["an answer that takes 300 ms rests ten times as long", 300, 1],
  ])("%s", async (_, tookMs, perSecond) => {
    vi.useFakeTimers();
    const { client, asked } = clientWith(tookMs);
    const refresher = new Refresher(client);
    for (let at = 0; at < 120; at++) {
      refresher.take(SUMMARY);
      await vi.advanceTimersByTimeAsync(100);
    }
    refresher.stop();
    const rate = asked.length / 12;
    expect(rate).toBeLessThanOrEqual(perSecond);
    expect(rate).toBeGreaterThan(perSecond / 5);
  });

  it("asks nothing anew when nothing happens", async () => {
    vi.useFakeTimers();
    const { client, asked } = clientWith(1);
    const refresher = new Refresher(client);
    await vi.advanceTimersByTimeAsync(10_000);
    refresher.stop();
    expect(asked).toEqual([]);
  });
});
