// What suites of the wasm backend share: backends that are closed behind each test, buffers, and a warp.
import { afterEach } from 'vitest';
import type { ComputeBackend, Handle, Op } from '../../../src/compute/backend.js';
import { WARP_LANCZOS3 } from '../../../src/compute/contracts/warp.js';
import { cellBlocks } from '../../helpers/kernel-runs.js';

const open: ComputeBackend[] = [];
export const opened = <T extends ComputeBackend>(backend: T): T => {
  open.push(backend);
  return backend;
};
afterEach(async () => {
  for (const backend of open.splice(0)) await backend.close();
});

export const f32 = (label: string, length: number): Handle => ({ label, element: 'f32', length });
export const alloc = (handle: Handle): Op => ({ op: 'alloc', handle });
export const free = (handle: Handle): Op => ({ op: 'free', handle });

export const warpParams = (side: number) => ({
  cellWidth: side,
  cellHeight: side,
  windowWidth: side,
  windowHeight: side,
  windowX: 0,
  windowY: 0,
  frameWidth: side,
  frameHeight: side,
  planes: 1,
  slot: 0,
  slots: 1,
  kernel: WARP_LANCZOS3,
  clampThreshold: 0.3,
  centreX: 0,
  centreY: 0,
  invScale: 0.01,
});
export const turned = (side: number) =>
  cellBlocks(side, side, (x, y) => [0.98 * x - 0.17 * y + 20.3, 0.17 * x + 0.98 * y - 11.6]);
