// What a teardown keeps its hands off: inputs as they really stand.
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { guardOf } from '../../../src/cleanup/teardown/guard.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

const folder = temporaryFolder();

it.skipIf(process.platform === 'win32')(
  'holds a link and what it leads to, in a folder that is a link itself',
  async () => {
    const base = await realpath(folder());
    const at = (name: string) => path.join(base, name);
    await mkdir(at('real'));
    await writeFile(at('frame'), '');
    await symlink(at('frame'), at('real/first'));
    await symlink(at('real'), at('link'));
    const guarded = await guardOf([at('link/first'), at('link'), at('link/gone')], [], [], []);
    expect(new Set(guarded.inputFiles)).toEqual(
      new Set([at('frame'), at('real/first'), at('link'), at('real/gone')]),
    );
    expect(guarded.inputDirs).toEqual([at('real')]);
  },
);

it('holds every one of very many inputs', async () => {
  const base = await realpath(folder());
  const inputs = Array.from({ length: 600 }, (_, k) => path.join(base, String(k % 7), `${k}.fits`));
  const { inputFiles } = await guardOf(inputs, [], [], []);
  expect(new Set(inputFiles)).toEqual(new Set(inputs));
});
