import { describe, expect, it } from 'vitest';
import type { PixelFile } from '../../../src/fits/hdu.js';
import type { FitsOutline } from '../../../src/fits/open-fits.js';
import { FrameFiles } from '../../../src/pipeline/integrate/frame-files.js';

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
