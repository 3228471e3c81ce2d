// A run that is killed at any step while it puts a tree in its place loses neither: one of the two stands at the next start.
import type * as Fs from 'node:fs/promises';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { previousOf, putTree, recoverTree } from '../../../src/output/hips/put-tree.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

/** Steps until the process is dead; from then on nothing it does reaches the disk. */
const life = vi.hoisted(() => ({ left: Infinity }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof Fs>();
  const mortal =
    <A extends unknown[], R>(step: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (life.left-- <= 0) throw new Error('killed');
      return step(...args);
    };
  return {
    ...real,
    rename: mortal(real.rename),
    rm: mortal(real.rm),
    cp: mortal(real.cp),
    mkdir: mortal(real.mkdir),
  };
});

const folder = temporaryFolder();

const tree = (version: string) => async (at: string) => {
  await mkdir(path.join(at, 'Norder3'), { recursive: true });
  await writeFile(path.join(at, 'Norder3', version), version);
  await writeFile(path.join(at, 'properties'), 'hips_builder = ZeMosaic\n');
};

it('at whatever step', async () => {
  const [target, part] = [path.join(folder(), 'm_hips'), path.join(folder(), '.m_hips.part')];
  const ends = new Set<string>();
  for (let steps = 0, done = false; !done; steps++) {
    await rm(folder(), { recursive: true, force: true });
    await tree('old')(target);
    await writeFile(path.join(target, 'page.html'), 'theirs');
    life.left = steps;
    done = await putTree(target, part, tree('new')).then(
      () => true,
      () => false,
    );
    life.left = Infinity;
    // the journal's part of the next start, and the run's
    await rm(part, { recursive: true, force: true });
    await recoverTree(target);
    expect(await readdir(folder())).toEqual(['m_hips']);
    const [version] = await readdir(path.join(target, 'Norder3'));
    ends.add(version);
    expect(await readFile(path.join(target, 'page.html'), 'utf8')).toBe('theirs');
    expect(await readFile(path.join(target, 'properties'), 'utf8')).toContain('ZeMosaic');
  }
  expect([...ends].sort()).toEqual(['new', 'old']);
});

it('a folder of someone else under the name of the one before stays, and is told', async () => {
  const target = path.join(folder(), 'm_hips');
  await tree('old')(target);
  await mkdir(previousOf(target));
  await expect(putTree(target, path.join(folder(), 'part'), tree('new'))).rejects.toMatchObject({
    code: 'output_tree_not_ours',
  });
  expect(await readdir(path.join(target, 'Norder3'))).toEqual(['old']);
});
