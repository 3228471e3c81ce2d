// One stem, five rooms: a kernel that misses a room, or a room that holds a stranger, is found here.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { kernelStems } from '../../src/compute/contracts/index.js';

const root = path.resolve(import.meta.dirname, '../..');

/** Files of each room that serve several stems and are no kernel themselves. */
const rooms = [
  { folder: 'src/compute/contracts', ending: '.ts', shared: ['index', 'guard-buffers', 'stack-buffers'] },
  { folder: 'shaders', ending: '.wgsl', shared: [] },
  { folder: 'src/gpu/kernels', ending: '.ts', shared: ['index'] },
  { folder: 'src/cpu-fallback/kernels', ending: '.ts', shared: [] },
  {
    folder: 'src/cpu-fallback/wasm/assembly',
    ending: '.ts',
    shared: [
      ...[
        'index',
        'fill',
        'bring-near',
        'sum-words',
        'write-blanks',
        'cfa',
        'lanczos-phases',
        'warp-positions',
        'warp-sums',
        'warp-exact',
        'warp-scratch',
        'warp-rows',
      ],
      ...[
        'lanczos-taps',
        'warp-taps',
        'cfa-lattice',
        'cfa-sites',
        'cfa-sums',
        'cfa-cubic',
        'cfa-near',
        'cfa-lanczos',
        'cfa-exact',
        'cfa-interior',
        'warp-spans',
      ],
      ...['stack-pixels', 'stack-tile', 'stack-sort', 'stack-order', 'stack-proof', 'stack-waiting'],
      ...[
        'stack-clip',
        'stack-combine',
        'stack-rejection',
        'stack-scratch',
        'stack-ranked',
        'stack-about-median',
        'stack-winsor',
      ],
      ...['guarded-stack', 'guard-limits', 'guard-scratch', 'guard-take', 'warp-blocks'],
    ],
  },
  { folder: 'src/cpu-fallback/gpujs/kernels', ending: '.ts', shared: [] },
  { folder: 'tests/kernels', ending: '.test.ts', shared: ['rooms', 'program', 'mutants', 'real-cube'] },
  {
    folder: 'tests/kernels/checks',
    ending: '.ts',
    shared: ['demosaic', 'stack', 'stack-clipping', 'stack-oracles', 'warp-cfa-borders', 'warp-cfa-runs'],
  },
];

describe('one stem in every room', () => {
  for (const { folder, ending, shared } of rooms) {
    it(`${folder} holds all kernels and nothing else`, () => {
      const stems = readdirSync(path.join(root, folder))
        .filter((file) => file.endsWith(ending))
        .map((file) => file.slice(0, -ending.length))
        .filter((stem) => !shared.includes(stem));
      expect(stems.sort()).toEqual([...kernelStems].sort());
    });
  }
});
