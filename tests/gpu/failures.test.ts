// The table of docs/gpu.md, "What goes wrong, what happens, and the test": every row names tests that there are, and one of them knows each of its codes.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const section = readFileSync(path.join(root, 'docs/gpu.md'), 'utf8')
  .split('### What goes wrong')[1]
  .split('\n## ')[0];
const rows = section
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| what '))
  .map((line) => line.split(' | '));
const quoted = (cell: string, pattern: RegExp) => [...cell.matchAll(pattern)].map(([, words]) => words);

describe('what goes wrong with a GPU', () => {
  it('stands in rows of four', () => expect(rows.length).toBeGreaterThan(10));

  it.each(rows)('is tested: %s', (_what, seen, _happens, tests) => {
    const texts = quoted(tests, /`([\w/-]+)`/g).map((name) =>
      readFileSync(path.join(root, 'tests', `${name}.test.ts`), 'utf8'),
    );
    expect(texts.length).toBeGreaterThan(0);
    const unknown = quoted(seen, /`(\w+)`/g).filter((code) => !texts.some((text) => text.includes(code)));
    expect(unknown).toEqual([]);
  });
});
