/** Where lanes and rows lie from top to bottom. */

/** A lane as it is drawn: `lane` counts into the lanes of the picture; pixels from the top of all lanes. */
export interface PlacedLane {
  lane: number;
  y: number;
  height: number;
}

export interface Layout {
  /** From top to bottom. */
  lanes: PlacedLane[];
  /** Where each lane of the picture is drawn, by its number. */
  yOf: Float64Array;
  rowHeight: number;
  height: number;
}

export const PAD_PX = 3;
const LEAST_LANE_PX = 15;
/** Heights of rows. Few of them: rows that come while one looks seldom make all others thinner. */
const ROW_PX = [18, 14, 10, 7, 5, 4];
const LEAST_ROW_PX = 3;
const AREA_PX = { least: 18, most: 64 };

/** Lanes of bars: as high as they have rows. Rows are as high as the room allows, and no less than can be seen. */
export function layBars(rows: Uint32Array, order: number[], room: number): Layout {
  const all = rows.reduce((sum, n) => sum + n, 0);
  const padding = order.length * 2 * PAD_PX;
  const rowHeight = ROW_PX.find((high) => high * all + padding <= room) ?? LEAST_ROW_PX;
  return stack(order, rowHeight, (lane) => Math.max(LEAST_LANE_PX, rows[lane] * rowHeight + 2 * PAD_PX));
}

/** Lanes of areas: all of one height. */
export function layAreas(order: number[], room: number): Layout {
  const each = Math.floor(Math.min(AREA_PX.most, Math.max(AREA_PX.least, room / Math.max(1, order.length))));
  return stack(order, each, () => each);
}

function stack(order: number[], rowHeight: number, heightOf: (lane: number) => number): Layout {
  let y = 0;
  const lanes: PlacedLane[] = [];
  const yOf = new Float64Array(order.length);
  for (const lane of order) {
    const height = heightOf(lane);
    lanes.push({ lane, y, height });
    yOf[lane] = y;
    y += height;
  }
  return { lanes, yOf, rowHeight, height: y };
}

/** The lane at a pixel, as it is placed. */
export function laneAt(layout: Layout, y: number): PlacedLane | undefined {
  let low = 0;
  let high = layout.lanes.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const one = layout.lanes[middle];
    if (y < one.y) high = middle - 1;
    else if (y >= one.y + one.height) low = middle + 1;
    else return one;
  }
  return undefined;
}
