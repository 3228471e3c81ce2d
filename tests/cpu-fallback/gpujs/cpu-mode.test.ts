// gpu.js's plain JavaScript mode, which takes over where there is no WebAssembly, passes what every backend passes.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { kernelStems } from '../../../src/compute/contracts/index.js';
import { wrongAnswers } from '../../../src/compute/known-answer.js';
import { createGpujsBackend } from '../../../src/cpu-fallback/gpujs/gpujs-backend.js';
import type { Check } from '../../helpers/backends.js';

const CHECKS = path.resolve(import.meta.dirname, '../../kernels/checks');

describe('gpu.js in mode cpu', () => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await createGpujsBackend({ mode: 'cpu' });
  });
  afterAll(() => backend.close());

  it('says so and gives the known answers', async () => {
    expect(backend.info.device).toMatch(/^gpu\.js cpu, /);
    expect(await wrongAnswers(backend)).toEqual([]);
  });

  for (const stem of kernelStems) {
    it(`passes the checks of ${stem}`, async () => {
      expect(readdirSync(CHECKS)).toContain(`${stem}.ts`);
      const module = (await import(`../../kernels/checks/${stem}.ts`)) as Record<string, unknown>;
      const checks = Object.entries(module).filter(([name]) => name.startsWith('check'));
      expect(checks).not.toEqual([]);
      for (const [, check] of checks) await (check as Check)(backend);
    });
  }
});
