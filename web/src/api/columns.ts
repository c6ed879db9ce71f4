/** Pictures as typed arrays (docs/reference/columns.md): no copy is made of what came over the wire. */

export const COLUMNS = "application/vnd.stampede.columns";

export type Column = Float32Array | Uint32Array | Uint8Array | TextColumn;

/** Texts of a column, each decoded when it is asked for. */
export interface TextColumn {
  readonly length: number;
  at(row: number): string;
}

export interface Table {
  rows: number;
  columns: Record<string, Column>;
}

export interface Picture {
  kind: string;
  level: string;
  facts: Record<string, unknown>;
  tables: Record<string, Table>;
}

interface Header {
  kind: string;
  level: string;
  facts: Record<string, unknown>;
  tables: Record<string, { rows: number; columns: Record<string, { type: string; offset: number }> }>;
}

const MAGIC = "STMPCOL1";

/** The picture in these bytes. Throws RangeError when they are none. */
export function readColumns(data: ArrayBuffer): Picture {
  const decoder = new TextDecoder();
  if (data.byteLength < 12 || decoder.decode(new Uint8Array(data, 0, 8)) !== MAGIC) {
    throw new RangeError("The service sent no picture.");
  }
  const length = new DataView(data).getUint32(8, true);
  const header = JSON.parse(decoder.decode(new Uint8Array(data, 12, length))) as Header;
  const tables: Record<string, Table> = {};
  for (const [name, { rows, columns }] of Object.entries(header.tables)) {
    const read = Object.entries(columns).map(
      ([key, one]) => [key, columnOf(data, one.type, one.offset, rows)] as const,
    );
    tables[name] = { rows, columns: Object.fromEntries(read) };
  }
  return { kind: header.kind, level: header.level, facts: header.facts, tables };
}

function columnOf(data: ArrayBuffer, type: string, offset: number, rows: number): Column {
  switch (type) {
    case "f32":
      return new Float32Array(data, offset, rows);
    case "u32":
      return new Uint32Array(data, offset, rows);
    case "u8":
      return new Uint8Array(data, offset, rows);
    case "text":
      return textsOf(data, offset, rows);
    default:
      throw new RangeError(`A column has the type ${type}, which this page does not know. Reload it.`);
  }
}

function textsOf(data: ArrayBuffer, offset: number, rows: number): TextColumn {
  const ends = new Uint32Array(data, offset, rows + 1);
  const start = offset + ends.byteLength;
  const decoder = new TextDecoder();
  return {
    length: rows,
    at: (row) => decoder.decode(new Uint8Array(data, start + ends[row], ends[row + 1] - ends[row])),
  };
}
