// Throughput of every kernel of a backend: `npm run bench -- [reference|wasm|gpujs|webgpu] [side of the cell]`. Prints a table.
import { openBackend } from '../helpers/backends.js';
import { benchKernels, copyBandwidth, deviceBandwidth } from './bench-kernels.js';

const backend = await openBackend(process.argv[2] ?? 'reference');
const side = Number(process.argv[3] ?? 512);
const isGpu = backend.info.name === 'webgpu';
const bandwidth = isGpu ? await deviceBandwidth(backend, 4 * side * side) : copyBandwidth();
console.log(
  `${backend.info.name} on ${backend.info.device}, ${backend.info.threads} thread(s), side ${side}, ` +
    `${(bandwidth / 1e9).toFixed(1)} GB/s ${isGpu ? 'through the plainest kernel' : 'copied by one thread'}`,
);
console.log(
  "Mpx/s counts input samples by the kernel's own clock; Mpx/cpu-s by CPU time of this process (all threads), which a busy machine\n" +
    'leaves alone; GB/s is what the kernel reads and writes once, and its share of the bandwidth above',
);
await benchKernels(backend, { side, bandwidth }, (row) =>
  console.log(
    `${row.label.padEnd(24)} ${row.mpxPerSecond.toFixed(1).padStart(9)} Mpx/s ${row.mpxPerCpuSecond.toFixed(1).padStart(9)} Mpx/cpu-s ` +
      `${row.gbPerSecond.toFixed(2).padStart(8)} GB/s ${Math.round(100 * row.share)
        .toString()
        .padStart(4)} %`,
  ),
);
await backend.close();
