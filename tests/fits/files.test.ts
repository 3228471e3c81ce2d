// Bytes from files: positioned reads, and files compressed as a whole.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memorySource, openFileSource } from '../../src/fits/byte-source.js';
import { decompressFile } from '../../src/fits/decompress-file.js';
import { detectFileCompression } from '../../src/fits/file-compression.js';
import { codeOf } from './support.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'zm-bytes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const content = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7 + (i >> 3)) & 0xff);
/** 5000 bytes that run from 0 to 250 and over again. */
const BZIP2 =
  'QlpoOTFBWSZTWZelGbYAAAn////////////////////////////////////////////wUANeAAAAIAAAAAAAAAAAAAAAAAAA' +
  'AA00AAAAAAAAAAAAAAAAAAAA0IAAAAAAAAAAAAAAAAAAAAA00AAAAAAAAAAAAAAAAAAAA0IAAAAAAAAAAAAAAAAAAAAA00AA' +
  'AAAAAAAAAAAAAAAAAA0IAAAAAAAAAAAAAAAAAAAAA00AAAAAAAAAAAAAAAAAAAA0BSqqgAAAAAAAAA0AAAAAAAAABoAAAAAA' +
  'AAAAAAAAAAABkAABphKMHhZMMJhpMOJh5MQJiJMSJiZMUJipMWJi5MYJjJMaJjZMcJjpMeJj5MgJkJMiJkZMkJkpMmJk5MoJ' +
  'lJMqJlZMsJlpMuJl5MwJmJMyJmZM0JmpM2Jm5M4JnJM6JnZM8JnpM+Jn5NAJoJNCJoZMATRCaKTRiaOTSCaSTSiaWTTCaaTT' +
  'iaeTUCaiTUiamTVCaqTViauTWCayTWia2TXCa6TXia+TYCbCTYibGTZCbKTZibOTaCbSTaibWTbCbaTbibeTcCbiTcibmTdC' +
  'bqTdibuTeCbyTeib2TfCb6Tfib+TAk4AnAk4InBk4QnCk4YnDk4gnEk4onFk4wnGk44nHk5AnIk5InJk5QnKk5YnLk5gnMk5' +
  'onNk5wnOk54nPk6AnQk6InRk6QnSk6YnTk6gnUk6onVk6wnWk64nXk7AnYk7InZk7Qnak7Ynbk7gnck7ondk7wnek74nfk8A' +
  'ngk8Inhk8Qnik8Ynjk8gnkk8onlk8wnmk84nnk9Anok9Inpk9Qnqk9Ynrk9gnsk9ontk9wnuk94nvk+Anwk+Inxk+Qnyk+Yn' +
  'zk+gn0k+on1k+wmCJgyYKj7aPuo++j8KPxo/Kj86P0o/Wj9qP3o/ij+aP6o/uj/KP9o/6jCUf+LuSKcKEhL0ozbA';

describe('byte sources', () => {
  it.each(['file', 'memory'])('%s: ranges, and nothing beyond the end', async (kind) => {
    const file = path.join(folder, 'a.bin');
    writeFileSync(file, content);
    const source = kind === 'file' ? await openFileSource(file) : memorySource('a.bin', content);
    expect(source.size).toBe(5000);
    const bytes = await source.getBytes(1234, 777);
    expect(Buffer.from(bytes)).toEqual(Buffer.from(content.subarray(1234, 1234 + 777)));
    expect(bytes.byteOffset).toBe(0);
    bytes.fill(0);
    expect((await source.getBytes(1234, 1))[0]).toBe(content[1234]);
    expect((await source.getBytes(5000, 0)).length).toBe(0);
    const target = new Uint8Array(9).subarray(2, 7);
    expect(await source.getBytes(100, 5, target)).toBe(target);
    expect([...target]).toEqual([...content.subarray(100, 105)]);
    for (const [offset, length] of [
      [4999, 2],
      [-1, 1],
      [0, -1],
      [0.5, 1],
      [0, 1e15],
      [NaN, 1],
    ]) {
      expect(await codeOf(source.getBytes(offset, length))).toBe('fits_read_beyond_end');
    }
    await source.close();
  });

  it('a file that shrank meanwhile is an error, not zeros', async () => {
    const file = path.join(folder, 'b.bin');
    writeFileSync(file, content);
    const source = await openFileSource(file);
    writeFileSync(file, content.subarray(0, 100));
    await expect(source.getBytes(50, 100)).rejects.toMatchObject({
      code: 'fits_read_beyond_end',
      params: { size: 100 },
    });
    await source.close();
  });

  it('names the system’s reason', async () => {
    await expect(openFileSource(path.join(folder, 'none'))).rejects.toMatchObject({
      params: { reason: 'ENOENT' },
    });
    await expect(openFileSource(folder)).rejects.toMatchObject({ params: { reason: 'EISDIR' } });
  });
});

describe('compressed files', () => {
  const put = (name: string, bytes: Uint8Array) => {
    const file = path.join(folder, name);
    writeFileSync(file, bytes);
    return file;
  };

  it('are told by their first bytes', () => {
    expect(detectFileCompression(gzipSync(content))).toBe('gzip');
    expect(detectFileCompression(Buffer.from('BZh9'))).toBe('bzip2');
    expect(detectFileCompression(Uint8Array.of(0x1f, 0x9d))).toBe('compress');
    expect(detectFileCompression(Buffer.from('SIMPLE'))).toBeUndefined();
    expect(detectFileCompression(new Uint8Array(0))).toBeUndefined();
  });

  it('gzip, of several members too', async () => {
    const out = path.join(folder, 'out');
    const source = put('a.gz', Buffer.concat([gzipSync(content), gzipSync(content)]));
    expect(await decompressFile(source, out, { maxBytes: 10000 })).toEqual({ bytes: 10000, format: 'gzip' });
    expect(readFileSync(out)).toEqual(Buffer.concat([content, content]));
  });

  it('bzip2', async () => {
    const out = path.join(folder, 'out');
    const source = put('a.bz2', Buffer.from(BZIP2, 'base64'));
    expect(await decompressFile(source, out, { maxBytes: 5000 })).toEqual({ bytes: 5000, format: 'bzip2' });
    expect(readFileSync(out)).toEqual(Buffer.from(Uint8Array.from({ length: 5000 }, (_, i) => i % 251)));
  });

  it.each<[string, () => Uint8Array, number, string]>([
    ['a gzip bomb', () => gzipSync(new Uint8Array(1e7)), 1e6, 'fits_decompressed_too_large'],
    ['a bzip2 beyond its limit', () => Buffer.from(BZIP2, 'base64'), 4999, 'fits_decompressed_too_large'],
    ['gzip cut short', () => gzipSync(content).subarray(0, 700), 1e6, 'fits_decompress_failed'],
    ['gzip with a wrong byte', () => gzipSync(content).fill(0xff, 300, 310), 1e6, 'fits_decompress_failed'],
    ['bzip2 cut short', () => Buffer.from(BZIP2, 'base64').subarray(0, 60), 1e6, 'fits_decompress_failed'],
    ['compress', () => Uint8Array.of(0x1f, 0x9d, 0x90, 0), 1e6, 'fits_compression_unsupported'],
    ['no compression', () => content, 1e6, 'fits_compression_unsupported'],
  ])('%s leaves nothing behind', async (_name, bytes, maxBytes, code) => {
    const out = path.join(folder, 'out');
    expect(await codeOf(decompressFile(put('in', bytes()), out, { maxBytes }))).toBe(code);
    expect(existsSync(out)).toBe(false);
  });

  it('a destination that cannot be written is named', async () => {
    const source = put('a.gz', gzipSync(content));
    expect(await codeOf(decompressFile(source, path.join(folder, 'no/out'), { maxBytes: 1e6 }))).toBe(
      'fits_cannot_write',
    );
  });
});
