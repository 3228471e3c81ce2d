import { expect, test } from 'vitest';
import type { MemmapRegion } from '../../../src/cleanup/memmap.js';
import { memoryCanvas } from '../../../src/pipeline/canvas/canvas.js';
import { heldCanvas } from '../../../src/pipeline/canvas/held-canvas.js';

/** A file of 3 x 4 pixels, two planes, that tells which rows it was given. */
function file() {
  const content = memoryCanvas(3, 4, 2);
  const given: string[] = [];
  return {
    content,
    given,
    nx: 3,
    ny: 4,
    planes: 2,
    writeRegion: async ({ plane = 0, ...rect }: MemmapRegion, data: unknown) => {
      given.push(`${plane}: ${rect.y0}+${rect.height}`);
      await content.writePlane(plane, rect, data as Float32Array);
    },
    readRegion: async <T>({ plane = 0, ...rect }: MemmapRegion, into?: T) => {
      await content.readRegion(plane, rect, into as Float32Array);
      return into as T;
    },
    sync: () => Promise.resolve(),
  };
}

async function valuesOf(canvas: ReturnType<typeof memoryCanvas>, plane: number): Promise<number[]> {
  const out = new Float32Array(12);
  await canvas.readRows(plane, 0, 4, out);
  return [...out];
}

test('a held canvas fills its file when it is synced, each row once', async () => {
  const on = file();
  const canvas = heldCanvas(on);
  await canvas.write({ x0: 1, y0: 0, width: 2, height: 1 }, Float32Array.of(1, 2, 3, 4));
  await canvas.write({ x0: 0, y0: 2, width: 1, height: 2 }, Float32Array.of(5, 6, 7, 8));
  expect(on.given).toEqual([]);
  await canvas.sync();
  expect(on.given).toEqual(['0: 0+1', '1: 0+1', '0: 2+2', '1: 2+2']);
  expect(await valuesOf(on.content, 0)).toEqual([0, 1, 2, 0, 0, 0, 5, 0, 0, 6, 0, 0]);
  expect(await valuesOf(on.content, 1)).toEqual([0, 3, 4, 0, 0, 0, 7, 0, 0, 8, 0, 0]);
  on.given.length = 0;
  await canvas.sync();
  expect(on.given).toEqual([]);
  await canvas.write({ x0: 0, y0: 1, width: 1, height: 1 }, Float32Array.of(9, 9));
  await canvas.sync();
  expect(on.given).toEqual(['0: 1+1', '1: 1+1']);

  const again = heldCanvas(on);
  await again.load();
  const out = new Float32Array(12);
  await again.readRows(1, 0, 4, out);
  expect([...out]).toEqual([0, 3, 4, 9, 0, 0, 7, 0, 0, 8, 0, 0]);
});

test('rows written while a canvas is synced are synced the next time', async () => {
  const on = file();
  const canvas = heldCanvas(on);
  const one = { x0: 0, y0: 0, width: 1, height: 1 };
  await canvas.write(one, Float32Array.of(1, 1));
  const first = canvas.sync();
  await canvas.write(one, Float32Array.of(2, 2));
  await first;
  on.given.length = 0;
  await canvas.sync();
  expect(on.given).toEqual(['0: 0+1', '1: 0+1']);
  expect((await valuesOf(on.content, 0))[0]).toBe(2);
});

test('what a full disk did not take is synced the next time', async () => {
  const on = file();
  const { writeRegion } = on;
  const canvas = heldCanvas(on);
  await canvas.write({ x0: 0, y0: 0, width: 1, height: 1 }, Float32Array.of(1, 1));
  await canvas.write({ x0: 0, y0: 3, width: 1, height: 1 }, Float32Array.of(2, 2));
  on.writeRegion = async (region, data) => {
    if (region.y0 > 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    await writeRegion(region, data);
  };
  const failed = canvas.sync();
  await canvas.write({ x0: 0, y0: 1, width: 1, height: 1 }, Float32Array.of(3, 3));
  await expect(failed).rejects.toThrow('full');
  on.writeRegion = writeRegion;
  await canvas.sync();
  for (const plane of [0, 1])
    expect(await valuesOf(on.content, plane)).toEqual([1, 0, 0, 3, 0, 0, 0, 0, 0, 2, 0, 0]);
});
