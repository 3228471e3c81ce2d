// A backend that is begun before anybody asks for it: taken once, or ended.
import { describe, expect, it } from 'vitest';
import { beginEarly } from '../../src/cli/early-backend.js';
import type { ComputeBackend } from '../../src/compute/backend.js';
import type { BackendFactory } from '../../src/compute/select.js';
import { createReferenceBackend } from '../../src/cpu-fallback/reference-backend.js';

const always = () => true;

function factoryOf(create: BackendFactory['create']): BackendFactory {
  return { name: 'webgpu', priority: 0, create };
}

/** A factory, how often it was asked, and what was told to what it made. */
function watched() {
  const told: string[] = [];
  const factory = factoryOf((signal) => {
    told.push('create');
    signal?.addEventListener('abort', () => told.push('abort'));
    const backend: ComputeBackend = {
      ...createReferenceBackend(),
      prepare: () => Promise.resolve(void told.push('prepare')),
      close: () => Promise.resolve(void told.push('close')),
    };
    return Promise.resolve(backend);
  });
  return { told, factory };
}

describe('a backend that is begun early', () => {
  it('is what the first who asks gets, made ready; the next gets another', async () => {
    const { told, factory } = watched();
    const early = beginEarly([factory], 'webgpu', always);
    expect(told).toEqual(['create']);
    const first = await early.factories[0].create();
    expect(told).toEqual(['create', 'prepare']);
    expect(await early.factories[0].create()).not.toBe(first);
    await early.discard();
    expect(told).toEqual(['create', 'prepare', 'create']);
  });

  it('is not made ready where it will not be taken', async () => {
    const { told, factory } = watched();
    const early = beginEarly([factory], 'webgpu', () => false);
    await early.factories[0].create();
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(['create']);
  });

  it('is ended where nobody has asked', async () => {
    const { told, factory } = watched();
    await beginEarly([factory], 'webgpu', always).discard();
    expect(told.filter((what) => what !== 'prepare')).toEqual(['create', 'abort', 'close']);
  });

  it('that never opens is told to end, and not waited for beyond that', async () => {
    const hanging = factoryOf(
      (signal) =>
        new Promise((_resolve, reject) =>
          signal!.addEventListener('abort', () => reject(new Error('ended'))),
        ),
    );
    await beginEarly([hanging], 'webgpu', always).discard();
  });

  it('fails whoever asks for it with what it failed of, and nobody else', async () => {
    const early = beginEarly([factoryOf(() => Promise.reject(new Error('no driver')))], 'webgpu', always);
    await new Promise((resolve) => setImmediate(resolve));
    await expect(early.factories[0].create()).rejects.toThrow('no driver');
    const other = beginEarly([factoryOf(() => Promise.reject(new Error('no driver')))], 'webgpu', always);
    await other.discard();
  });

  it('is the one that was named', () => {
    const { told, factory } = watched();
    const early = beginEarly([factory], 'wasm', always);
    expect([told, early.factories]).toEqual([[], [factory]]);
  });
});
