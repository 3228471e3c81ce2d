// Deleting a folder: all of it, nothing beyond it, and an account of what would not go.
import { mkdir, rename, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { identify } from '../../../src/cleanup/paths.js';
import { removeTree, type TreeRemoval } from '../../../src/cleanup/teardown/remove-tree.js';
import { nodeFs, type TeardownFs } from '../../../src/cleanup/teardown/teardown-fs.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { listing, put } from '../world.js';

const root = temporaryFolder();
const at = (name: string): string => path.join(root(), name);

async function removeTreeAt(
  name: string,
  spare: string[] = [],
  fs: TeardownFs = nodeFs,
): Promise<TreeRemoval> {
  return removeTree(fs, at(name), identify(at(name))!, new Set(spare.map(at)));
}

describe('removeTree', () => {
  it('removes everything in it and counts the bytes', async () => {
    await put(root(), ['t/a', 't/b/c', 't/b/d/e']);
    await mkdir(at('t/empty'));
    expect(await removeTreeAt('t')).toEqual({
      bytes: 't/a'.length + 't/b/c'.length + 't/b/d/e'.length,
      failed: [],
    });
    expect(await listing(root())).toEqual([]);
  });

  it('removes links in it and never follows them', async () => {
    await put(root(), ['precious/file', 't/a']);
    for (const [target, link] of [
      ['precious', 'dir'],
      ['precious/file', 'file'],
      ['nowhere', 'dangling'],
      ['t', 'up'],
    ]) {
      await symlink(at(target), at(`t/${link}`));
    }
    expect((await removeTreeAt('t')).failed).toEqual([]);
    expect(await listing(root())).toEqual(['precious/file']);
  });

  it('leaves what it is told to spare, and the folders that lead there', async () => {
    await put(root(), ['t/a', 't/b/keep.dat', 't/b/c']);
    expect((await removeTreeAt('t', ['t/b/keep.dat'])).failed).toEqual([]);
    expect(await listing(root())).toEqual(['t/b/keep.dat']);
  });

  it('goes on after a failure and names it', async () => {
    await put(root(), ['t/a', 't/b/stuck', 't/c']);
    const fs: TeardownFs = {
      ...nodeFs,
      unlink: (file) =>
        path.basename(file) === 'stuck'
          ? Promise.reject(Object.assign(new Error(), { code: 'EPERM' }))
          : nodeFs.unlink(file),
    };
    const { failed } = await removeTreeAt('t', [], fs);
    expect(failed).toEqual([
      { path: at('t/b/stuck'), reason: 'cleanup_reason_system_refused', code: 'EPERM' },
    ]);
    expect(await listing(root())).toEqual(['t/b/stuck']);
  });

  it('does not walk into a folder that is swapped for a link under its hands', async () => {
    await put(root(), ['precious/file', 't/a', 't/sub/b']);
    let swapped = false;
    const fs: TeardownFs = {
      ...nodeFs,
      lstat: async (file) => {
        const stats = await nodeFs.lstat(file);
        if (path.basename(file) === 'sub' && !swapped) {
          swapped = true;
          await rename(at('t/sub'), at('moved'));
          await symlink(at('precious'), at('t/sub'));
        }
        return stats;
      },
    };
    expect((await removeTreeAt('t', [], fs)).failed).toMatchObject([{ path: at('t/sub') }]);
    expect(await listing(root())).toEqual(['moved/b', 'precious/file', 't/sub@']);
  });

  it('does not touch another folder that has taken the place', async () => {
    await put(root(), ['t/a', 'other/b']);
    const identity = identify(at('t'))!;
    await rename(at('t'), at('moved'));
    await rename(at('other'), at('t'));
    const { failed } = await removeTree(nodeFs, at('t'), identity, new Set());
    expect(failed).toEqual([{ path: at('t'), reason: 'cleanup_reason_replaced', code: '' }]);
    expect(await listing(root())).toEqual(['moved/a', 't/b']);
  });
});
