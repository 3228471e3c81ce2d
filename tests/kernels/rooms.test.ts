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
      ...['bring-near', 'cfa', 'fill', 'index', 'sum-words'],
      ...[
        'lanczos-phases',
        'lanczos-taps',
        'warp-exact',
        'warp-interior',
        'warp-positions',
        'warp-region',
        'warp-rows',
        'warp-scratch',
        'warp-spans',
        'warp-sums',
        'warp-taps',
        'write-blanks',
      ],
      ...[
        'cfa-cubic',
        'cfa-exact',
        'cfa-interior',
        'cfa-lanczos',
        'cfa-lattice',
        'cfa-region',
        'cfa-sites',
        'cfa-sums',
        'warp-strips',
      ],
      'mark-defects',
      ...['guard-limits', 'guard-scratch', 'guard-take', 'guarded-stack'],
      ...[
        'stack-about-median',
        'stack-clip',
        'stack-combine',
        'stack-order',
        'stack-pixels',
        'stack-proof',
        'stack-ranked',
        'stack-rejection',
        'stack-scratch',
        'stack-sort',
        'stack-tile',
        'stack-waiting',
        'stack-winsor',
      ],
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
      const files = readdirSync(path.join(root, folder), {
        encoding: 'utf8',
        recursive: folder.endsWith('/assembly'),
      });
      const stems = files
        .filter((file) => file.endsWith(ending))
        .map((file) => path.basename(file, ending))
        .filter((stem) => !shared.includes(stem));
      expect(stems.sort()).toEqual([...kernelStems].sort());
    });
  }
});
