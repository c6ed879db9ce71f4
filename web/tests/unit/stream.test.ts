import { afterEach, describe, expect, it, vi } from "vitest";
import { type LiveEvent, LiveStream } from "@/live/stream";

const encoder = new TextEncoder();

function streamOf(...texts: string[]): Response {
  return new Response(
    new ReadableStream({
      start(controller) {
        for (const text of texts) controller.enqueue(encoder.encode(text));
        controller.close();
      },
    }),
  );
}

afterEach(() => vi.unstubAllGlobals());

describe("LiveStream", () => {
  it("tells events, counts comments as signs of life, and comes back from its last id", async () => {
    const asked: (string | undefined)[] = [];
    const answers = [
      streamOf(": alive\n\n", 'id: p.1\nevent: state\ndata: {"job":"a"}\n\n'),
      streamOf('id: p.2\nevent: state\ndata: {"job":"b"}\n\n'),
    ];
    vi.stubGlobal("fetch", async (_: string, init: { headers: Record<string, string> }) => {
      asked.push(init.headers["Last-Event-ID"]);
      return answers.shift() ?? new Promise(() => {});
    });
    const events: LiveEvent[] = [];
    const said: string[] = [];
    const stream = new LiveStream("/stream", {
      onEvent: (event) => events.push(event),
      onHeard: () => said.push("heard"),
      onConnection: (connection) => said.push(connection),
    });
    stream.open();
    await vi.waitFor(() => expect(asked).toEqual([undefined, "p.1", "p.2"]), 5000);
    stream.close();
    expect(events).toEqual([
      { kind: "state", data: { job: "a" } },
      { kind: "state", data: { job: "b" } },
    ]);
    expect(said.slice(0, 5)).toEqual(["connecting", "live", "heard", "heard", "lost"]);
  });

  it("does not ask again for a stream that there is not", async () => {
    const fetching = vi.fn(async () => new Response("{}", { status: 404 }));
    vi.stubGlobal("fetch", fetching);
    const stream = new LiveStream("/stream", { onEvent: () => {}, onHeard: () => {}, onConnection: () => {} });
    stream.open();
    await new Promise((done) => setTimeout(done, 700));
    expect(fetching).toHaveBeenCalledTimes(1);
  });
});
