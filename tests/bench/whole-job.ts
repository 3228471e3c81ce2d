// The whole job on generated sessions of growing numbers of subs: `npm run bench:job -- [12 48 200 ...]`. Prints CPU time a sub, wall time, peak memory and
// peak temporary disk, draws them to docs/images/performance.svg with `--plot`.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { makeSession } from '../../src/demo/make-session.js';
import { lineChart } from './line-chart.js';
import { runProgram, type Usage } from './usage.js';

const PANELS: [number, number] = [4, 1];
/** Of a Seestar S50: width and height. */
const SIZE: [number, number] = [1080, 1920];

const words = process.argv.slice(2);
const numbers = words.filter((word) => /^\d+$/.test(word)).map(Number);
const counts = numbers.length > 0 ? numbers : [12, 48, 200];
const base = path.join(os.tmpdir(), 'zemosaic-bench');
mkdirSync(base, { recursive: true });

console.log(
  `${os.cpus()[0].model}, ${os.availableParallelism()} threads, load ${os.loadavg()[0].toFixed(1)}`,
);
const results: (Usage & { readonly subs: number })[] = [];
for (const count of counts) {
  const session = path.join(base, `session-${count}`);
  await makeSession(session, { panels: PANELS, subs: count / 4, size: SIZE, extras: false });
  const subs = readdirSync(session).filter((name) => name.endsWith('.fit')).length;
  const out = path.join(base, `out-${count}`);
  rmSync(out, { recursive: true, force: true });
  const usage = await runProgram(['run', session, '-o', out, '--backend', 'wasm'], out);
  rmSync(out, { recursive: true, force: true });
  results.push({ ...usage, subs });
  console.log(
    `${String(subs).padStart(5)} subs: ${(usage.cpuSeconds / subs).toFixed(3)} CPU-s a sub, ` +
      `${usage.wallSeconds.toFixed(1)} s wall (${(subs / usage.wallSeconds).toFixed(2)} subs/s), ` +
      `${usage.peakMiB.toFixed(0)} MiB memory, ${(usage.peakDiskMiB - usage.leftDiskMiB).toFixed(0)} MiB temporary disk`,
  );
}
if (words.includes('--plot')) plot();

function plot(): void {
  const target = path.resolve(import.meta.dirname, '../../docs/images/performance.svg');
  mkdirSync(path.dirname(target), { recursive: true });
  const points = (value: (r: Usage & { subs: number }) => number) =>
    results.map((r): [number, number] => [r.subs, value(r)]);
  writeFileSync(
    target,
    lineChart('subs', [
      { title: 'CPU-s of the whole job', points: points((r) => r.cpuSeconds) },
      { title: 'peak memory, MiB', points: points((r) => r.peakMiB) },
      { title: 'temporary disk, MiB', points: points((r) => r.peakDiskMiB - r.leftDiskMiB) },
    ]),
  );
  console.log(path.relative(process.cwd(), target));
}
