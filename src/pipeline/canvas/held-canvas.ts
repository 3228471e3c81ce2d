// A canvas that stays in memory beside the cells of a device: its file is filled when it is to outlive the run, and not at all where the run ends well before.
import type { Memmap } from '../../cleanup/memmap.js';
import { rowsPerBlock } from '../../output/sources/plane-source.js';
import { memoryCanvas, writePlanes, type Canvas } from './canvas.js';

export interface HeldCanvas extends Canvas {
  /** Takes what the file holds, of a run that was stopped. */
  load(): Promise<void>;
}

/** `sync` brings to the file the rows that were written since it last succeeded. */
export function heldCanvas(
  memmap: Pick<Memmap, 'nx' | 'ny' | 'planes' | 'readRegion' | 'writeRegion' | 'sync'>,
): HeldCanvas {
  const { nx, ny, planes } = memmap;
  const memory = memoryCanvas(nx, ny, planes);
  const block = () => new Float32Array(rowsPerBlock(nx, ny) * nx);
  let unsaved = new Uint8Array(ny);
  const writePlane: Canvas['writePlane'] = async (plane, rect, data) => {
    await memory.writePlane(plane, rect, data);
    unsaved.fill(1, rect.y0, rect.y0 + rect.height);
  };
  return {
    ...memory,
    write: (rect, data) => writePlanes(planes, writePlane, rect, data),
    writePlane,
    async load() {
      const rows = block();
      await eachPart(new Uint8Array(ny).fill(1), rows.length / nx, planes, async (plane, y0, height) => {
        const region = { x0: 0, y0, width: nx, height };
        await memmap.readRegion({ plane, ...region }, rows);
        await memory.writePlane(plane, region, rows);
      });
    },
    async sync() {
      // Rows that are written meanwhile count as unsaved again.
      const marks = unsaved;
      unsaved = new Uint8Array(ny);
      const rows = block();
      try {
        await eachPart(marks, rows.length / nx, planes, async (plane, y0, height) => {
          await memory.readRows(plane, y0, height, rows);
          await memmap.writeRegion({ plane, x0: 0, y0, width: nx, height }, rows);
        });
        await memmap.sync();
      } catch (error) {
        // What of them came to the disk is not known.
        marks.forEach((mark, y) => (unsaved[y] |= mark));
        throw error;
      }
    },
  };
}

/** Calls `take` for every plane of every run of marked rows, in parts of at most `most` rows. */
async function eachPart(
  marks: Uint8Array,
  most: number,
  planes: number,
  take: (plane: number, y0: number, rows: number) => Promise<void>,
): Promise<void> {
  for (let y = marks.indexOf(1); y >= 0;) {
    const next = marks.indexOf(0, y);
    const end = Math.min(y + most, next < 0 ? marks.length : next);
    for (let plane = 0; plane < planes; plane++) await take(plane, y, end - y);
    y = marks.indexOf(1, end);
  }
}
