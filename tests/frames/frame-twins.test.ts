// Copies of a file are told by what is in them, and no more is read than that takes.
import { mkdir, writeFile } from 'node:fs/promises';
import type * as Fs from 'node:fs';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import type { FrameRecord } from '../../src/frames/frame-record.js';
import { fileTwins } from '../../src/frames/frame-twins.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const read = vi.hoisted(() => ({ bytes: new Map<string, number>(), then: (): void => undefined }));

vi.mock('node:fs', async (load) => {
  const real = await load<typeof Fs>();
  const createReadStream = (at: string, options: { start: number; end?: number }) => {
    const name = at.slice(at.lastIndexOf('/') + 1);
    const { size } = real.statSync(at);
    const bytes = (options.end ?? size - 1) + 1 - options.start;
    read.bytes.set(name, (read.bytes.get(name) ?? 0) + bytes);
    read.then();
    return real.createReadStream(at, options);
  };
  return { ...real, createReadStream };
});

const folder = temporaryFolder();
const SIZE = 300_000;

/** Frames without a time, of one size: `alike` are copies of the first, `tail` differs from it in its last byte alone. */
async function frames(names: readonly string[]): Promise<FrameRecord[]> {
  read.bytes.clear();
  await mkdir(folder(), { recursive: true });
  const noise = (seed: number) => Buffer.from(Array.from({ length: SIZE }, (_, k) => (k * k * seed) >> 5));
  return Promise.all(
    names.map(async (name, i) => {
      const bytes = noise(/alike|tail|first/.test(name) ? 7 : 11 + i);
      if (name === 'tail') bytes[SIZE - 1] ^= 1;
      await writeFile(path.join(folder(), name), bytes);
      return { path: path.join(folder(), name), relative: name, bytes: SIZE } as FrameRecord;
    }),
  );
}

it('finds copies, reads whole files only of what is alike in the middle, and nothing of what is alone of its size', async () => {
  const records = await frames(['first', 'other', 'alike', 'tail', 'another', 'alike2']);
  const lone = { ...records[1], relative: 'lone', bytes: SIZE + 1, path: path.join(folder(), 'lone') };
  const twins = await fileTwins([...records, lone], new AbortController().signal);
  expect([...twins].map(([{ relative }, other]) => [relative, other])).toEqual([
    ['alike', 'first'],
    ['alike2', 'first'],
  ]);
  const sample = 2 ** 16;
  expect(Object.fromEntries(read.bytes)).toEqual({
    ...{ first: sample + SIZE, alike: sample + SIZE, tail: sample + SIZE, alike2: sample + SIZE },
    ...{ other: sample, another: sample },
  });
});

it('reads nothing more once it is to stop', async () => {
  const records = await frames(['first', 'alike', 'alike2']);
  const controller = new AbortController();
  read.then = () => controller.abort(new Error('stop'));
  await expect(fileTwins(records, controller.signal)).rejects.toThrow('stop');
  expect([...read.bytes.keys()]).toEqual(['first']);
});
