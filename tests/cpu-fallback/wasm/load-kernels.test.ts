// The compiled module: the same for the same sources, and a clear error where it is missing or broken.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { compileKernels } from '../../../scripts/build-wasm.js';
import { kernelPasses } from '../../../src/cpu-fallback/wasm/kernel-passes.js';
import { loadKernels } from '../../../src/cpu-fallback/wasm/load-kernels.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

const folder = temporaryFolder();
const built = path.resolve(import.meta.dirname, '../../../dist/cpu-fallback/wasm/kernels.wasm');

it('is reproducible to the byte', async () => {
  const again = await compileKernels();
  expect(Buffer.compare(Buffer.from(again), await readFile(built))).toBe(0);
});

it('exports every pass of every kernel', async () => {
  const { functions } = await loadKernels();
  const passes = Object.values(kernelPasses).flatMap((k) => [...k.passes, ...(k.derived ?? [])]);
  for (const { name } of passes) expect(functions.has(name), name).toBe(true);
});

it('says that it is not built, and where', async () => {
  const missing = path.join(folder(), 'kernels.wasm');
  await expect(loadKernels(pathToFileURL(missing))).rejects.toMatchObject({
    code: 'wasm_not_built',
    params: { path: missing },
  });
});

it('says that it does not compile', async () => {
  const broken = path.join(folder(), 'kernels.wasm');
  await writeFile(broken, 'no module');
  await expect(loadKernels(pathToFileURL(broken))).rejects.toMatchObject({ code: 'wasm_not_compiled' });
});
