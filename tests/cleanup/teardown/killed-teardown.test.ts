// A run that is killed anywhere in its own teardown: what it leaves then, the next run into that folder clears away, folders included.
import type * as Fs from 'node:fs/promises';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { openWorkspace, type Workspace } from '../../../src/cleanup/workspace.js';
import { filesBelow } from '../../end-to-end/support.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { NO_PROCESS } from '../forged-run.js';
import { optionsFor, put } from '../world.js';

/** Called before a name is removed, where the teardown is watched. */
const watch = vi.hoisted(() => ({ before: undefined as ((name: string) => Promise<void>) | undefined }));

vi.mock('node:fs/promises', async (load) => {
  const real = await load<typeof Fs>();
  const watched =
    (remove: (at: string) => Promise<void>) =>
    async (at: string): Promise<void> => {
      await watch.before?.(at);
      return remove(at);
    };
  return { ...real, unlink: watched(real.unlink as never), rmdir: watched(real.rmdir as never) };
});

const folder = temporaryFolder();

async function makeThings(workspace: Workspace): Promise<void> {
  await workspace.resume.stateDir();
  await workspace.resume.memmap({ what: 'coverage', ny: 4, nx: 4 });
  await workspace.mosaicFirstDir();
  await put(folder(), ['world/out/product.fits']);
  await workspace.registerOutput(path.join(folder(), 'world/out/product.fits'));
}

it('leaves nothing that the next run does not clear away', async () => {
  const root = path.join(folder(), 'world');
  const options = optionsFor(root, 'set', {
    folders: {
      memmapDir: path.join(root, 'deep', 'memmaps'),
      runtimeTempDir: path.join(root, 'deeper', 'still', 'runtime'),
    },
    resume: true,
  });
  await put(root, ['in/light_1.fits']);
  const workspace = await openWorkspace(options);
  await makeThings(workspace);
  const moments: string[] = [];
  watch.before = async (name) => {
    await cp(root, path.join(folder(), `moment${moments.length}`), { recursive: true });
    moments.push(name);
  };
  await workspace.finish('success');
  watch.before = undefined;
  await cp(root, path.join(folder(), `moment${moments.length}`), { recursive: true });
  moments.push('the end');
  const clean = await filesBelow(root);
  expect(clean).toEqual(['in/', 'in/light_1.fits', 'out/', 'out/product.fits']);

  const left: string[] = [];
  for (const [i, moment] of moments.entries()) {
    await rm(root, { recursive: true });
    await cp(path.join(folder(), `moment${i}`), root, { recursive: true });
    for (const file of await filesBelow(root))
      if (/journal$|lock$/.test(file)) await asOfNoProcess(path.join(root, file));
    const next = await openWorkspace(options);
    for (const run of await next.resume.stoppedRuns()) await next.resume.supersede(run);
    await next.finish('success');
    const found = (await filesBelow(root)).filter((name) => !clean.includes(name));
    if (found.length > 0) left.push(`${path.basename(moment)}: ${found.join(' ')}`);
  }
  expect(left).toEqual([]);
  // arrays with their sidecars, folders, two of three journals, folders made for them, the last journal, the lock
  expect(moments.length).toBeGreaterThan(10);
});

/** As if its process had been another one, which is gone. */
async function asOfNoProcess(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(`"pid":${process.pid}`, `"pid":${NO_PROCESS}`), { mode: 0o644 });
}
