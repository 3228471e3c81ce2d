// The whole job on generated sessions of growing numbers of subs: `npm run bench:job -- [12 48 200 1000 ...]`. Prints CPU time a sub, wall time, peak memory
// and peak temporary disk, draws them to docs/images/performance.svg with `--plot`. Sessions of many subs have small ones, a seventh of the pixels each.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { lineChart } from './line-chart.js';
import { makeManySubs, SMALL_SIZE } from './many-subs.js';
import { runProgram, type Usage } from './usage.js';

/** Of a Seestar S50: width and height. */
const SIZE: readonly [number, number] = [1080, 1920];
/** From this many on, subs are small. */
const MANY = 500;
const sizeOf = (count: number) => (count < MANY ? SIZE : SMALL_SIZE);

const words = process.argv.slice(2);
const numbers = words.filter((word) => /^\d+$/.test(word)).map(Number);
const counts = numbers.length > 0 ? numbers : [12, 48, 200, 1000];
const base = path.join(os.tmpdir(), 'zemosaic-bench');
mkdirSync(base, { recursive: true });

console.log(
  `${os.cpus()[0].model}, ${os.availableParallelism()} threads, load ${os.loadavg()[0].toFixed(1)}`,
);
const results: (Usage & { readonly subs: number })[] = [];
for (const count of counts) {
  const session = await sessionOf(count);
  const subs = readdirSync(session).filter((name) => name.endsWith('.fit')).length;
  const out = path.join(base, `out-${count}`);
  rmSync(out, { recursive: true, force: true });
  const usage = await runProgram(['run', session, '-o', out, '--backend', 'wasm'], out);
  rmSync(out, { recursive: true, force: true });
  results.push({ ...usage, subs });
  console.log(
    `${String(subs).padStart(5)} subs of ${sizeOf(count).join(' x ')}: ${(usage.cpuSeconds / subs).toFixed(3)} CPU-s a sub, ` +
      `${usage.wallSeconds.toFixed(1)} s wall (${(subs / usage.wallSeconds).toFixed(2)} subs/s), ` +
      `${usage.peakMiB.toFixed(0)} MiB memory, ${(usage.peakDiskMiB - usage.leftDiskMiB).toFixed(0)} MiB temporary disk`,
  );
}
if (words.includes('--plot')) plot();

async function sessionOf(count: number): Promise<string> {
  const size = sizeOf(count);
  const session = path.join(base, `subs-${count}-${size.join('x')}`);
  if (existsSync(session)) return session;
  const growing = `${session}.part`;
  rmSync(growing, { recursive: true, force: true });
  await makeManySubs(growing, count, size);
  renameSync(growing, session);
  return session;
}

function plot(): void {
  const target = path.resolve(import.meta.dirname, '../../docs/images/performance.svg');
  mkdirSync(path.dirname(target), { recursive: true });
  const points = (value: (r: Usage & { subs: number }) => number) => {
    const of = (chosen: typeof results) => chosen.map((r): [number, number] => [r.subs, value(r)]);
    return {
      points: of(results.filter(({ subs }) => subs < MANY)),
      apart: of(results.filter(({ subs }) => subs >= MANY)),
    };
  };
  writeFileSync(
    target,
    lineChart(`subs of ${SIZE.join(' x ')} (hollow: ${SMALL_SIZE.join(' x ')})`, [
      { title: 'CPU-s a sub', ...points((r) => r.cpuSeconds / r.subs) },
      { title: 'peak memory, MiB', ...points((r) => r.peakMiB) },
      { title: 'temporary disk, MiB', ...points((r) => r.peakDiskMiB - r.leftDiskMiB) },
    ]),
  );
  console.log(path.relative(process.cwd(), target));
}
