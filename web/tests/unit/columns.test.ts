import { describe, expect, it } from "vitest";
import { readColumns } from "@/api/columns";

/** Bytes as the service lays them out (docs/reference/columns.md). */
function bytesOf(header: object, arrays: { offset: number; data: ArrayBufferView }[], total: number): ArrayBuffer {
  const bytes = new Uint8Array(total);
  bytes.set(new TextEncoder().encode("STMPCOL1"));
  const text = new TextEncoder().encode(JSON.stringify(header));
  new DataView(bytes.buffer).setUint32(8, text.length, true);
  bytes.set(text, 12);
  for (const { offset, data } of arrays)
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
  return bytes.buffer;
}

describe("readColumns", () => {
  it("gives arrays and texts without copying", () => {
    const columns = { a: { type: "f32", offset: 400 }, name: { type: "text", offset: 408 } };
    const header = { kind: "gantt", level: "bars", facts: { by: "host" }, tables: { tries: { rows: 2, columns } } };
    const data = bytesOf(
      header,
      [
        { offset: 400, data: new Float32Array([1.5, -2]) },
        { offset: 408, data: new Uint32Array([0, 2, 5]) },
        { offset: 420, data: new TextEncoder().encode("abxyz") },
      ],
      432,
    );
    const { tries } = readColumns(data).tables;
    expect([...(tries.columns.a as Float32Array)]).toEqual([1.5, -2]);
    expect((tries.columns.a as Float32Array).buffer).toBe(data);
    const names = tries.columns.name as { at(row: number): string };
    expect([names.at(0), names.at(1)]).toEqual(["ab", "xyz"]);
  });

  it("says that bytes are no picture", () => expect(() => readColumns(new ArrayBuffer(64))).toThrow(RangeError));
});
