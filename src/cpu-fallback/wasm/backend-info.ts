// What the wasm backend says of itself.
import os from 'node:os';
import type { BackendInfo } from '../../compute/backend.js';
import { lateCubes } from './waiting-warps.js';

/** With so many threads, and `room` bytes for buffers. */
export function backendInfo(threads: number, room: number): BackendInfo {
  const model = os.cpus()[0]?.model.trim() || os.arch();
  return {
    name: 'wasm',
    device: `${model}, ${threads} × SIMD`,
    hardware: true,
    threads,
    limits: {
      maxBufferBytes: room,
      maxResidentBytes: Math.min(room, os.totalmem()),
      onHost: true,
      lateCubes: lateCubes(threads),
    },
  };
}
