// What of the configuration reaches the backends.
import os from 'node:os';
import { expect, test } from 'vitest';
import { provideBackend } from '../../src/cli/compose.js';

async function threadsOf(num_processing_workers: number): Promise<number> {
  const { backend } = await provideBackend(
    { backend: 'wasm', require_gpu: false, num_processing_workers },
    [],
  );
  try {
    return backend.info.threads;
  } finally {
    await backend.close();
  }
}

test('the number of threads asked for is the number that works; below 1 it is that of the cores', async () => {
  expect(await threadsOf(3)).toBe(3);
  expect(await threadsOf(1)).toBe(1);
  expect(await threadsOf(0)).toBe(os.availableParallelism());
  expect(await threadsOf(-1)).toBe(os.availableParallelism());
});
