import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PixelFile } from '../../../../src/fits/hdu.js';
import type { FitsOutline } from '../../../../src/fits/open-fits.js';
import { FrameFiles } from '../../../../src/pipeline/integrate/windows/frame-files.js';
import { bigEndian, primary } from '../../../fits/support.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

const folder = temporaryFolder();
afterEach(() => void vi.restoreAllMocks());

/** Files that only count: which are open now, and how often each was opened. */
function countedFiles(refuse: (path: string) => boolean = () => false) {
  const open = new Set<string>();
  const opened: string[] = [];
  const outlines: (FitsOutline | undefined)[] = [];
  const openFile = async (path: string, outline?: FitsOutline): Promise<PixelFile> => {
    await Promise.resolve();
    if (refuse(path)) throw new Error(`no ${path}`);
    open.add(path);
    opened.push(path);
    outlines.push(outline);
    const close = () => Promise.resolve(void open.delete(path));
    return { source: { size: 1 }, hdus: outline?.hdus ?? [], close } as unknown as PixelFile;
  };
  return { open, opened, outlines, files: new FrameFiles(openFile) };
}

describe('frame files', () => {
  it('keep a bounded number open, and open a file once while it is among them', async () => {
    const { open, opened, files } = countedFiles();
    for (let i = 0; i < 100; i++) await files.use(`f${i}`, () => Promise.resolve());
    expect(open.size).toBe(48);
    await files.use('f99', () => Promise.resolve());
    expect(opened).toHaveLength(100);
    await files.close();
    expect(open.size).toBe(0);
  });

  it('are opened another time with what was found in them, unless their reading failed', async () => {
    const { opened, outlines, files } = countedFiles();
    const again = async () => {
      for (let i = 0; i < 50; i++) await files.use(`f${i}`, () => Promise.resolve());
    };
    await again();
    expect(outlines.every((outline) => outline === undefined)).toBe(true);
    await expect(files.use('f49', () => Promise.reject(new Error('bad sector')))).rejects.toThrow();
    opened.length = outlines.length = 0;
    await again();
    expect(opened).toHaveLength(50);
    expect(outlines.map((outline) => outline?.size)).toEqual([...Array<number>(49).fill(1), undefined]);
    await files.close();
  });

  it('never close a file that is in use', async () => {
    const { open, files } = countedFiles();
    let finish = () => undefined as void;
    const long = files.use('long', () => new Promise<void>((resolve) => (finish = resolve)));
    for (let i = 0; i < 100; i++) await files.use(`f${i}`, () => Promise.resolve());
    expect(open.has('long')).toBe(true);
    finish();
    await long;
    await files.close();
  });

  it('close a file whose reading failed, once nobody else reads it, and open it anew', async () => {
    const { open, opened, files } = countedFiles();
    let finish = () => undefined as void;
    const other = files.use('a', () => new Promise<void>((resolve) => (finish = resolve)));
    await expect(files.use('a', () => Promise.reject(new Error('bad sector')))).rejects.toThrow('bad sector');
    expect(open.has('a')).toBe(true);
    finish();
    await other;
    expect(open.has('a')).toBe(false);
    await files.use('a', () => Promise.resolve());
    expect(opened).toEqual(['a', 'a']);
    await files.close();
  });

  it('close without complaint while a file that cannot be opened is on its way', async () => {
    const { files } = countedFiles((path) => path === 'gone');
    const use = files.use('gone', () => Promise.resolve());
    await expect(files.close()).resolves.toBeUndefined();
    await expect(use).rejects.toThrow('no gone');
  });

  it('open nothing after they were closed', async () => {
    const { open, opened, files } = countedFiles();
    let finish = () => undefined as void;
    const ahead = files
      .use('light', () => new Promise<void>((resolve) => (finish = resolve)))
      .then(() => files.use('dark', () => Promise.resolve()));
    await Promise.resolve();
    await files.close();
    finish();
    await expect(ahead).rejects.toThrow('dark');
    expect([opened, open.size]).toEqual([['light'], 0]);
  });
});

describe('small windows', () => {
  const window = { x0: 1, y0: 0, width: 2, height: 2 };

  async function opened() {
    const at = path.join(folder(), 'light.fits');
    await writeFile(at, primary(16, [2, 3], bigEndian(16, [1, 2, 3, 4, 5, 6])));
    const files = new FrameFiles();
    expect([files.quickHdu(at, 0, window), files.rowsNow(at, 0, window)]).toEqual([undefined, undefined]);
    await files.use(at, () => Promise.resolve());
    return { at, files };
  }

  it('are read at once from files that were open before', async () => {
    const { at, files } = await opened();
    expect(files.quickHdu(at, 0, window)).toBeDefined();
    expect([...files.rowsNow(at, 0, window)!]).toEqual([0, 2, 0, 3, 0, 5, 0, 6]);
    await rm(at);
    expect(() => files.rowsNow(at, 0, window)).toThrow(expect.objectContaining({ code: 'fits_cannot_open' }));
    // nothing is known any more of a file that failed
    expect(files.quickHdu(at, 0, window)).toBeUndefined();
    await files.close();
    expect(files.rowsNow(at, 0, window)).toBeUndefined();
  });

  it('are left to the thread pool for a while where the disk is slow', async () => {
    const { at, files } = await opened();
    let now = 0;
    let readMs = 5;
    vi.spyOn(performance, 'now').mockImplementation(() => (now += readMs));
    for (let i = 0; i < 3; i++) files.rowsNow(at, 0, window);
    readMs = 1;
    files.rowsNow(at, 0, window);
    readMs = 5;
    for (let i = 0; i < 3; i++) files.rowsNow(at, 0, window);
    expect(files.quickHdu(at, 0, window)).toBeDefined();
    files.rowsNow(at, 0, window);
    expect(files.quickHdu(at, 0, window)).toBeUndefined();
    for (let i = 0; i < 64; i++) await files.use(at, () => Promise.resolve());
    expect(files.quickHdu(at, 0, window)).toBeDefined();
    await files.close();
  });
});
