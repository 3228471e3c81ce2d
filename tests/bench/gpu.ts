// What a GPU does here, in one go: its name and limits, whether it computes rightly, the time of every kernel, and whole jobs beside the processor's.
// `npm run bench:gpu -- [--out DIR] [--side PX] [--subs N] [--size WIDTHxHEIGHT] [--rounds N] [--session DIR] [--seconds S] [--adapter NAME] [--kernels PATTERN] [--times] [--software]`; writes gpu.json and gpu.md, anew
// after each part. The bundle build/bench/gpu.js needs Node, dist and the packages of a user alone (docs/gpu.md).
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { kernelStems } from '../../src/compute/contracts/index.js';
import { wrongAnswers } from '../../src/compute/known-answer.js';
import type { ComputeBackend } from '../../src/compute/backend.js';
import { makeSession } from '../../src/demo/make-session.js';
import { openFits } from '../../src/fits/open-fits.js';
import { readWindow } from '../../src/fits/read/read-window.js';
import { listAdapters } from '../../src/gpu/adapters.js';
import { openDevice } from '../../src/gpu/device.js';
import { isDeno } from '../../src/gpu/provider.js';
import { WebgpuBackend } from '../../src/gpu/webgpu-backend.js';
import type { RunReport } from '../../src/report/run-report.js';
import { benchKernels, deviceBandwidth } from './bench-kernels.js';
import { gpuMarkdown, type GpuResults, type JobResult } from './gpu-markdown.js';
import { runProgram } from './usage.js';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'gpu-bench' },
    side: { type: 'string', default: '1024' },
    subs: { type: 'string', default: '48' },
    size: { type: 'string', default: '1080x1920' },
    rounds: { type: 'string', default: '3' },
    session: { type: 'string', default: '' },
    seconds: { type: 'string', default: '0.5' },
    adapter: { type: 'string', default: '' },
    kernels: { type: 'string', default: '' },
    times: { type: 'boolean', default: false },
    software: { type: 'boolean', default: false },
  },
});
const out = path.resolve(values.out);
mkdirSync(out, { recursive: true });
const results: GpuResults = {
  date: new Date().toISOString(),
  machine: `${os.cpus()[0].model}, ${os.availableParallelism()} threads, ${Math.round(os.totalmem() / 2 ** 30)} GiB`,
  runtime: isDeno ? `Deno ${process.versions.deno}` : `Node ${process.version}`,
};

const COSTLY = ['--cfa-warp-kernel', 'lanczos3', '--rejection', 'winsorized_sigma_clip'];

const choice = {
  allowSoftware: values.software,
  ...(values.adapter !== '' && { adapterName: values.adapter }),
};
save({ adapters: await listAdapters() });
const device = await openDevice(choice);
const backend = new WebgpuBackend(device);
const { maxBufferBytes } = backend.info.limits;
save({
  adapter: {
    name: backend.info.device,
    hardware: backend.info.hardware,
    timestamps: device.hasTimestamps,
    maxBufferBytes,
  },
});
if (!values.times) save({ wrong: await wrongAnswers(backend), checks: await runChecks(backend) });
const side = Number(values.side);
// more than any cache holds, where that is allowed
const bandwidth = await deviceBandwidth(backend, Math.min(2 ** 26, 64 * side * side, maxBufferBytes / 4));
save({
  side,
  bandwidth,
  kernels: await benchKernels(backend, {
    side,
    bandwidth,
    secondsEach: Number(values.seconds),
    only: new RegExp(values.kernels),
  }),
});
await backend.close();
if (Number(values.rounds) > 0) await benchJobs();
console.log(readFileSync(path.join(out, 'gpu.md'), 'utf8'));

function save(part: Partial<GpuResults>): void {
  Object.assign(results, part);
  writeFileSync(path.join(out, 'gpu.json'), `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(path.join(out, 'gpu.md'), gpuMarkdown(results));
  console.error(
    `${((performance.now() / 1000) | 0).toString().padStart(4)} s: ${Object.keys(part).join(', ')}`,
  );
}

/** The suites of all kernels, as `npm test` runs them. */
async function runChecks(on: ComputeBackend): Promise<{ held: number; failed: string[] }> {
  const failed: string[] = [];
  let held = 0;
  for (const stem of kernelStems) {
    if (!new RegExp(values.kernels).test(stem)) continue;
    const checks = (await import(`../kernels/checks/${stem}.ts`)) as Record<string, unknown>;
    for (const [name, check] of Object.entries(checks)) {
      if (!name.startsWith('check')) continue;
      try {
        await (check as (backend: ComputeBackend) => Promise<void>)(on);
        held++;
      } catch (error) {
        failed.push(`${stem} ${name}: ${String(error).slice(0, 300)}`);
      }
    }
  }
  return { held, failed };
}

/** The same session on the GPU, several times, once with the costliest of the usual kernels, and on the processor. */
async function benchJobs(): Promise<void> {
  const scratch = path.join(os.tmpdir(), `zemosaic-gpu-${process.pid}`);
  try {
    const session = values.session === '' ? await ownSession(path.join(scratch, 'session')) : values.session;
    const jobs: JobResult[] = [];
    const gpu = [
      ...(values.software ? ['--backend', 'webgpu'] : ['--require-gpu']),
      ...(values.adapter === '' ? [] : ['--adapter', values.adapter]),
    ];
    const rounds = [
      ...Array.from({ length: Number(values.rounds) }, () => ({ label: 'as by default', words: gpu })),
      { label: 'Lanczos-3, winsorised', words: [...gpu, ...COSTLY] },
      { label: 'as by default', words: ['--backend', 'wasm'] },
    ];
    const target = (round: number) => path.join(scratch, `out-${round}`);
    for (const [round, { label, words }] of rounds.entries()) {
      const usage = await runProgram(
        ['run', session, '-o', target(round), '--resume', 'off', ...words],
        target(round),
      );
      const report = JSON.parse(
        readFileSync(path.join(target(round), 'run-report.json'), 'utf8'),
      ) as RunReport;
      jobs.push({ ...usage, label, backend: report.backend!.name, report });
      save({ jobs });
      if (round > 0 && round < rounds.length - 1) rmSync(target(round), { recursive: true, force: true });
    }
    const science = (round: number) => path.join(target(round), 'zemosaic_science.fits');
    save({ parity: await differences(science(0), science(rounds.length - 1)) });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function ownSession(session: string): Promise<string> {
  const [width, height] = values.size.split('x').map(Number);
  const panels = 4;
  await makeSession(session, {
    panels: [panels, 1],
    subs: Math.max(1, Math.round(Number(values.subs) / panels)),
    size: [width, height],
    extras: false,
  });
  return session;
}

/** Of the pixels that either mosaic covers: how many differ by more than the tolerance of linear stages, and those that only one covers. */
async function differences(one: string, other: string): Promise<NonNullable<GpuResults['parity']>> {
  const sums = { covered: 0, beyond: 0, coverage: 0 };
  const files = [await openFits(one), await openFits(other)];
  try {
    const [planes, ny, nx] = files[0].hdus[0].image!.shape;
    for (let plane = 0; plane < planes; plane++) {
      const window = { plane, x0: 0, y0: 0, width: nx, height: ny };
      const [a, b] = await Promise.all(files.map((file) => readWindow(file, file.hdus[0], window)));
      a.forEach((value, i) => {
        if (Number.isNaN(value) && Number.isNaN(b[i])) return;
        sums.covered++;
        if (Number.isNaN(value) !== Number.isNaN(b[i])) sums.coverage++;
        else if (Math.abs(value - b[i]) > 1e-5 * Math.abs(b[i])) sums.beyond++;
      });
    }
  } finally {
    for (const file of files) await file.close();
  }
  return sums;
}
