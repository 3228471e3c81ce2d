// A run that is killed at any step while it puts a tree in its place loses neither: one of the two stands at the next start.
import type * as Fs from 'node:fs/promises';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { newRunId, shortRunId } from '../../../src/cleanup/journal/run-id.js';
import { journalPathIn, RunJournal, type RunHeader } from '../../../src/cleanup/journal/journal.js';
import { thisProcess } from '../../../src/cleanup/journal/process-identity.js';
import { recoverTiles } from '../../../src/pipeline/phases/save.js';
import type { RunContext } from '../../../src/pipeline/run-context.js';
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
  const [target, part] = [path.join(folder(), 'm_hips'), path.join(folder(), '.m_hips.0123abcd.part')];
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
    await recoverTree(target, new Set());
    expect(await readdir(folder())).toEqual(['m_hips']);
    const [version] = await readdir(path.join(target, 'Norder3'));
    ends.add(version);
    expect(await readFile(path.join(target, 'page.html'), 'utf8')).toBe('theirs');
    expect(await readFile(path.join(target, 'properties'), 'utf8')).toContain('ZeMosaic');
  }
  expect([...ends].sort()).toEqual(['new', 'old']);
});

it('a tree that a person keeps beside it stays, whether another stands or not', async () => {
  const target = path.join(folder(), 'm_hips');
  const part = path.join(folder(), '.m_hips.0123abcd.part');
  const kept = ['m_hips.previous', '.m_hips.previous', '.m_hips.mine.previous', 'm_hips.0123abcd.previous'];
  for (const name of kept) await tree('kept')(path.join(folder(), name));
  await mkdir(path.join(folder(), '.m_hips.89abcdef.previous')); // no tree of ours
  for (const version of ['one', 'two']) {
    await recoverTree(target, new Set());
    await putTree(target, part, tree(version));
    expect(await readdir(path.join(target, 'Norder3'))).toEqual([version]);
    for (const name of kept) expect(await readdir(path.join(folder(), name, 'Norder3'))).toEqual(['kept']);
  }
  expect((await readdir(folder())).sort()).toEqual([...kept, '.m_hips.89abcdef.previous', 'm_hips'].sort());
});

it('killed while an old tree is removed, the next start removes the rest', async () => {
  const [target, old] = [path.join(folder(), 'm_hips'), path.join(folder(), '.m_hips.0123abcd.previous')];
  for (let steps = 0, killed = true; killed; steps++) {
    await tree('new')(target);
    await tree('old')(old);
    life.left = steps;
    killed = await recoverTree(target, new Set()).then(
      () => false,
      () => true,
    );
    life.left = Infinity;
    await recoverTree(target, new Set());
    expect(await readdir(folder())).toEqual(['m_hips']);
  }
});

it('the old tree of a run that lives is its own; that of a dead one, the newest, is put back', async () => {
  const context = {
    config: { output_name: 'm', save_hips: 'png' },
    directories: { outputDir: folder() },
  } as unknown as RunContext;
  const runId = newRunId();
  const at = previousOf(path.join(folder(), `.m_hips.${shortRunId(runId)}.part`));
  const older = path.join(folder(), '.m_hips.0123abcd.previous');
  await tree('old')(at);
  await tree('older')(older);
  await utimes(older, 1, 1);
  const header: RunHeader = {
    record: 'run',
    version: 1,
    ...thisProcess(),
    runId,
    startedAt: new Date().toISOString(),
    outputDir: folder(),
    memmapDir: null,
    runtimeTempDir: folder(),
    inputPaths: [],
    createdDirs: [],
    policy: {
      cleanupTempArtifacts: true,
      coaddUseMemmap: true,
      coaddCleanupMemmap: true,
      cacheRetention: 'run_end',
    },
  };
  const journal = await RunJournal.create(journalPathIn(folder(), runId), header);
  const before = (await readdir(folder())).sort();
  await recoverTiles(context);
  expect((await readdir(folder())).sort()).toEqual(before);
  await journal.remove(() => Promise.resolve());
  await recoverTiles(context);
  expect(await readdir(folder())).toEqual(['m_hips']);
  expect(await readdir(path.join(folder(), 'm_hips', 'Norder3'))).toEqual(['old']);
});
