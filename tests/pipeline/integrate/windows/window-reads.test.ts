// Windows of a cell's frames, read in turn and ahead.
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ReadBuffers, type ReadMemory } from '../../../../src/fits/read/read-buffers.js';
import { FrameFiles } from '../../../../src/pipeline/integrate/windows/frame-files.js';
import type { PreparedFrame } from '../../../../src/pipeline/integrate/windows/prepared-frame.js';
import { readAhead } from '../../../../src/pipeline/integrate/windows/window-reads.js';
import { StageLedger } from '../../../../src/pipeline/stage-ledger.js';
import { bigEndian, primary } from '../../../fits/support.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

const folder = temporaryFolder();
const rect = { x0: 1, y0: 0, width: 2, height: 2 };

/** Files of 2 x 3 samples that were open before, file k with k, k + 1, ..., as a cell has them. */
async function lights(count: number, memory?: ReadMemory) {
  const files = new FrameFiles();
  const frames: PreparedFrame[] = [];
  for (let k = 0; k < count; k++) {
    const at = path.join(folder(), `${k}.fits`);
    await writeFile(at, primary(16, [2, 3], bigEndian(16, [k, k + 1, k + 2, k + 3, k + 4, k + 5])));
    await files.use(at, () => Promise.resolve());
    const frame = { path: at, hdu: 0, nx: 3, ny: 2, sensor: { kind: 'mono' } };
    frames.push({ frame, rect, map: new Float32Array() } as unknown as PreparedFrame);
  }
  const ledger = new StageLedger();
  const itemsRead = () => ledger.timings().find(({ stage }) => stage === 'read')?.items ?? 0;
  return { files, frames, itemsRead, reads: readAhead(frames, { files, ledger, settings: {} }, memory) };
}

const samplesOf = async (read: ReturnType<ReturnType<typeof readAhead>['next']>) => {
  const { samples } = await read;
  return samples.form === 'stored' ? [...samples.bytes] : undefined;
};

it('are read while there is time, each once, and are those of their frames', async () => {
  const { files, frames, itemsRead, reads } = await lights(5);
  reads.readIdly();
  await expect.poll(itemsRead).toBe(5);
  // what is read is not looked for again
  for (const { frame } of frames) await rm(frame.path);
  for (let k = 0; k < 5; k++)
    expect(await samplesOf(reads.next(k))).toEqual([0, k + 1, 0, k + 2, 0, k + 4, 0, k + 5]);
  expect(itemsRead()).toBe(5);
  await files.close();
});

it('are left to be asked for once the first has been', async () => {
  const { files, itemsRead, reads } = await lights(5);
  reads.readIdly();
  expect(await samplesOf(reads.next(0))).toEqual([0, 1, 0, 2, 0, 4, 0, 5]);
  await setTimeout(20);
  expect(itemsRead()).toBe(1);
  expect(await samplesOf(reads.next(1))).toEqual([0, 2, 0, 3, 0, 5, 0, 6]);
  await files.close();
});

it('are asked for once more where they could not be read while there was time', async () => {
  const { files, frames, itemsRead, reads } = await lights(3);
  // gone by its name, but still open for the thread pool
  await rm(frames[1].frame.path);
  reads.readIdly();
  await expect.poll(itemsRead).toBe(2);
  for (let k = 0; k < 3; k++)
    expect(await samplesOf(reads.next(k))).toEqual([0, k + 1, 0, k + 2, 0, k + 4, 0, k + 5]);
  expect(itemsRead()).toBe(3);
  await files.close();
});

it('lie in the memory that they are to be read into, and give it back', async () => {
  const buffers = new ReadBuffers();
  const [taken, given] = [new Set<Uint8Array>(), new Set<Uint8Array>()];
  const take = (bytes: number) => {
    const room = buffers.take(bytes);
    taken.add(room);
    return room;
  };
  const { files, frames, reads } = await lights(3, { take, give: (room) => void given.add(room) });
  // the last has to be read by the thread pool
  const longer = new Array<number>(2 * 3000).fill(7);
  await writeFile(frames[2].frame.path, primary(16, [2, 3000], bigEndian(16, longer)));
  for (let k = 0; k < 3; k++) {
    const { samples, done } = await reads.next(k);
    const bytes = samples.form === 'stored' ? samples.bytes : undefined;
    expect(taken).toContain(bytes);
    expect(given).not.toContain(bytes);
    done();
    expect(given).toContain(bytes);
  }
  await files.close();
});
