// What paths really are: what is removed is decided by it.
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isSameOrInside, realEntryPath, realPathOf } from '../../src/cleanup/paths.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();

describe.skipIf(process.platform === 'win32')('a path through a link', () => {
  it('is that of the folder which the link names, however much of it is not there yet', async () => {
    const real = path.join(await realpath(folder()), 'real');
    const link = path.join(folder(), 'link');
    await mkdir(real);
    await symlink(real, link);
    await writeFile(path.join(real, 'file'), '');
    expect(realPathOf(link)).toBe(real);
    expect(realPathOf(`${link}/a/../b/c/d`)).toBe(path.join(real, 'b/c/d'));
    expect(realPathOf(`${link}/file/below`)).toBe(path.join(real, 'file/below'));
    expect(realPathOf(path.relative(process.cwd(), link))).toBe(real);
    expect(realEntryPath(link)).toBe(path.join(path.dirname(real), 'link'));
    expect(realEntryPath(path.join(link, 'new'))).toBe(path.join(real, 'new'));
  });

  it('that leads nowhere or in a circle is kept as written', async () => {
    const at = (name: string) => path.join(folder(), name);
    await symlink(at('two'), at('one'));
    await symlink(at('one'), at('two'));
    expect(realPathOf(at('one/x'))).toBe(at('one/x'));
    expect(realPathOf('/')).toBe('/');
    expect(realPathOf('/no such folder/x')).toBe('/no such folder/x');
  });
});

it.each([
  ['/a/b', '/a/b', true],
  ['/a/b/c', '/a/b', true],
  ['/a/bc', '/a/b', false],
  ['/a', '/a/b', false],
  ['/a', '/', true],
  ['/a/..b', '/a', true],
])('%s is in %s: %s', (inner, outer, expected) => {
  expect(isSameOrInside(path.resolve(inner), path.resolve(outer))).toBe(expected);
});
