// Every variant of every shader passes WGSL validation and fits its contract's bindings, on Dawn's null backend: no driver needed.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type KernelStem, kernelStems } from '../../src/compute/contracts/index.js';
import { gpuKernels } from '../../src/gpu/kernels/index.js';
import { Pipelines, type ShaderOverride } from '../../src/gpu/pipelines.js';
import { loadProvider } from '../../src/gpu/provider.js';
import { shaderSource } from '../../src/gpu/shader-source.js';
import type { ShaderVariant } from '../../src/gpu/gpu-kernel.js';

let instance: GPU | undefined;
let device: GPUDevice;

beforeAll(async () => {
  instance = (await loadProvider()).create(['backend=null']);
  const adapter = await instance.requestAdapter();
  device = await adapter!.requestDevice();
});

afterAll(() => {
  device.destroy();
  instance = undefined;
});

async function problems(stem: KernelStem, variant: ShaderVariant, override?: ShaderOverride) {
  device.pushErrorScope('validation');
  const { problem } = new Pipelines(device, override).get(stem, variant);
  const scope = await device.popErrorScope();
  return { complaint: await problem, binding: scope?.message };
}

const builds = kernelStems.flatMap((stem) =>
  gpuKernels[stem].variants.map((variant) => ({ stem, variant, name: `${stem} ${variant.name}` })),
);

it.each(builds)('$name is valid', async ({ stem, variant }) => {
  expect(await problems(stem, variant)).toEqual({ complaint: undefined, binding: undefined });
});

it('a binding that the contract does not have is refused', async () => {
  const { stem, variant } = builds[0];
  const { binding } = await problems(stem, variant, (_stem, source) =>
    source.replace('binding(1)', 'binding(9)'),
  );
  expect(binding).toMatch(/binding/i);
});

it('no directive is left, and no fragment stands twice', () => {
  for (const { stem, variant } of builds) {
    const source = shaderSource(stem, variant);
    expect(source).not.toContain('//!');
    const functions = [...source.matchAll(/^fn (\w+)/gm)].map(([, name]) => name);
    expect(new Set(functions).size).toBe(functions.length);
  }
});

it.each(['stack-median', 'stack-esd'] as const)(
  'every number of slots has a variant of %s that holds it',
  (stem) => {
    for (const slots of [1, 8, 9, 16, 17, 32, 33, 64, 65, 128, 129, 1024, 1025, 10_000]) {
      const { name, constants } = gpuKernels[stem].variantFor({ slots });
      expect(constants.CAPACITY ?? Infinity).toBeGreaterThanOrEqual(slots);
      expect(name === 'streamed').toBe(slots > 1024);
    }
  },
);
