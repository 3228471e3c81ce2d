// Throughput of every kernel of a backend: `npx tsx tests/bench/kernels.ts [reference|wasm|gpujs|webgpu] [side of the cell]`. Prints a table.
import type { Handle, Op } from '../../src/compute/backend.js';
import { contracts, type KernelStem, kernelStems } from '../../src/compute/contracts/index.js';
import type { KernelContract } from '../../src/compute/contract.js';
import { WARP_CUBIC } from '../../src/compute/contracts/warp-cfa.js';
import { lanczosTable, WARP_BILINEAR, WARP_LANCZOS3 } from '../../src/compute/contracts/warp.js';
import { openBackend } from '../helpers/backends.js';
import { cellBlocks, seededNormal, seededRandom, translation } from '../helpers/kernel-runs.js';

const backendName = process.argv[2] ?? 'reference';
const side = Number(process.argv[3] ?? 512);
const DEPTHS = [8, 16, 32, 64, 256];
/** Repeated until this much time was spent, so that short kernels are not lost in the clock. */
const SECONDS_EACH = 0.5;

const pixels = side * side;
const planes = 3;
const random = seededRandom(1);
const normal = seededNormal(1);
/** Normal noise with an outlier among a thousand samples, as cosmic rays and satellites leave them. */
const noise = (length: number, mean: number, sigma: number) =>
  Float32Array.from({ length }, () => mean + sigma * (normal() + (random() < 0.001 ? 25 : 0)));

const image = { width: side, height: side, originX: 0, originY: 0 };
const warpParams = {
  cellWidth: side,
  cellHeight: side,
  windowWidth: side,
  windowHeight: side,
  windowX: 0,
  windowY: 0,
  frameWidth: side,
  frameHeight: side,
  planes,
  slot: 0,
  slots: 1,
  clampThreshold: 0.3,
  centreX: side / 2,
  centreY: side / 2,
  invScale: 2 / side,
};
const clip = { kappaLow: 3, kappaHigh: 3, maxIterations: 5, combine: 0 };

interface Case {
  readonly stem: KernelStem;
  readonly label: string;
  readonly params: Record<string, number>;
  /** Input pixels (times planes) that one call takes. */
  readonly samples: number;
}

const cases: Case[] = [
  {
    stem: 'decode',
    label: 'decode int16',
    params: {
      width: side,
      height: side,
      rowSamples: side,
      firstSample: 0,
      sampleType: 0,
      hasBlank: 0,
      blank: 0,
      scale: 1,
      zero: 32768,
    },
    samples: pixels,
  },
  {
    stem: 'fix-hot-pixels',
    label: 'fix-hot-pixels CFA',
    params: {
      ...image,
      step: 2,
      threshold00: 100,
      threshold01: 100,
      threshold10: 100,
      threshold11: 100,
      isolation: 0.5,
    },
    samples: pixels,
  },
  ...(['demosaic-bilinear', 'demosaic-edge-aware'] as const).map((stem) => ({
    stem,
    label: stem,
    params: { ...image, pattern: 0b10_01_01_00 },
    samples: pixels,
  })),
  ...['nearest', 'bilinear', 'lanczos3'].map((name, kernel) => ({
    stem: 'warp' as const,
    label: `warp ${name}`,
    params: { ...warpParams, kernel },
    samples: pixels * planes,
  })),
  ...['cubic', 'bilinear', 'lanczos3'].map((name) => ({
    stem: 'warp-cfa' as const,
    label: `warp-cfa ${name}`,
    params: {
      ...warpParams,
      pattern: 0b10_01_01_00,
      kernel: { bilinear: WARP_BILINEAR, lanczos3: WARP_LANCZOS3, cubic: WARP_CUBIC }[name]!,
    },
    samples: pixels * planes,
  })),
  ...kernelStems
    .filter((stem) => stem.startsWith('stack-'))
    .flatMap((stem) =>
      DEPTHS.map((slots) => ({
        stem,
        label: `${stem} n=${slots}`,
        params: { pixels: pixels / 4, planes: 1, slots, ...(/kappa|wins/.test(stem) ? clip : {}) },
        samples: (pixels / 4) * slots,
      })),
    ),
  {
    stem: 'coadd-accumulate',
    label: 'coadd-accumulate',
    params: { pixels, planes, slots: 1, slot: 0 },
    samples: pixels * planes,
  },
  {
    stem: 'coadd-normalise',
    label: 'coadd-normalise',
    params: { pixels, planes },
    samples: pixels * planes,
  },
];

const bandwidth = copyBandwidth();
const backend = await openBackend(backendName);
console.log(
  `${backend.info.name} on ${backend.info.device}, ${backend.info.threads} thread(s), side ${side}`,
);
console.log(
  "Mpx/s counts input samples by the kernel's own clock; Mpx/cpu-s by CPU time of this process (all threads), which a busy machine\n" +
    'leaves alone; % is the share of the memory bandwidth of a copy on one thread; stacks also in output pixels',
);
for (const c of cases) {
  const contract = contracts[c.stem] as unknown as KernelContract;
  const setup: Op[] = [];
  const buffers: Record<string, Handle> = {};
  for (const role of contract.buffers) {
    const handle: Handle = { label: role.name, element: role.element, length: role.length(c.params) };
    buffers[role.name] = handle;
    setup.push({ op: 'alloc', handle });
    if (role.element === 'f32' && role.access === 'read') {
      const data =
        role.name === 'map'
          ? cellBlocks(side, side, translation(0.37, 0.61))
          : role.name === 'lanczos'
            ? lanczosTable()
            : role.name === 'frame_weights'
              ? new Float32Array(handle.length).fill(1)
              : role.name === 'levels'
                ? Float32Array.from({ length: handle.length }, (_, i) => (i % 7 === 0 ? 1 : 0))
                : noise(handle.length, 1000, 20);
      setup.push({ op: 'upload', handle, data });
    }
  }
  await backend.submit({ label: 'bench setup', ops: setup });
  const run: Op[] = [{ op: 'kernel', stem: c.stem, params: c.params, buffers }];
  const fence: Op = { op: 'read', handle: Object.values(buffers).at(-1)!, length: 1 };
  await backend.submit({ label: 'bench warm-up', ops: [...run, fence] });
  backend.takeProfile();
  const start = performance.now();
  const cpu = process.cpuUsage();
  let calls = 0;
  while (performance.now() - start < SECONDS_EACH * 1000) {
    await backend.submit({ label: 'bench', ops: [...run, fence] });
    calls++;
  }
  const { user } = process.cpuUsage(cpu);
  const profile = backend.takeProfile().find(({ stem }) => stem === c.stem)!;
  const rate = (c.samples * calls) / profile.seconds / 1e6;
  const cpuRate = (c.samples * calls) / user;
  // what the kernel reads and writes once, over the time it takes, against what a copy moves
  const moved = contract.buffers.reduce((sum, role) => sum + 4 * role.length(c.params), 0) * calls;
  const share = Math.round((100 * moved) / profile.seconds / bandwidth);
  const perPixel = c.params.slots > 1 ? `  ${(rate / c.params.slots).toFixed(2).padStart(8)} Mpx out/s` : '';
  console.log(
    `${c.label.padEnd(28)} ${rate.toFixed(1).padStart(9)} Mpx/s ${cpuRate.toFixed(1).padStart(9)} Mpx/cpu-s ${String(share).padStart(4)} %${perPixel}`,
  );
  await backend.submit({
    label: 'bench end',
    ops: Object.values(buffers).map((handle) => ({ op: 'free', handle })),
  });
}
await backend.close();

/** Bytes per second that a copy reads and writes, the best of several, over more than any cache holds. */
function copyBandwidth(): number {
  const from = new Uint8Array(128 * 2 ** 20).fill(1);
  const to = new Uint8Array(from.length);
  let best = 0;
  for (let i = 0; i < 5; i++) {
    const begun = performance.now();
    to.set(from);
    best = Math.max(best, (2 * from.length * 1000) / (performance.now() - begun));
  }
  console.log(`copy: ${(best / 1e9).toFixed(1)} GB/s`);
  return best;
}
