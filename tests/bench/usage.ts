// Runs a command of the built program and tells what it took: CPU time of all its threads, wall time, peak memory, peak disk below a folder.
import { spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Usage {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly peakMiB: number;
  /** The most that stood below the folder at once, and what is left there, in MiB on disk. */
  readonly peakDiskMiB: number;
  readonly leftDiskMiB: number;
}

const program = path.resolve(import.meta.dirname, '../../bin/zemosaic.js');
const LOOK_MS = 100;

/** Throws with the last lines of the output when the command fails. */
export async function runProgram(args: readonly string[], folder: string): Promise<Usage> {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'zemosaic-usage-'));
  const report = path.join(scratch, 'usage.json');
  // the process itself knows best, on every system
  const preload =
    `import { writeFileSync } from 'node:fs';` +
    `process.on('exit', () => writeFileSync(${JSON.stringify(report)}, JSON.stringify(process.resourceUsage())));`;
  const start = performance.now();
  let peak = 0;
  const looking = setInterval(() => (peak = Math.max(peak, diskMiB(folder))), LOOK_MS);
  try {
    const output = await outputOf(
      [`--import=data:text/javascript,${encodeURIComponent(preload)}`, program, ...args],
      start,
    );
    const usage = JSON.parse(readFileSync(report, 'utf8')) as NodeJS.ResourceUsage;
    const left = diskMiB(folder);
    return {
      cpuSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
      wallSeconds: output.wallSeconds,
      peakMiB: usage.maxRSS / 1024,
      peakDiskMiB: Math.max(peak, left),
      leftDiskMiB: left,
    };
  } finally {
    clearInterval(looking);
    rmSync(scratch, { recursive: true, force: true });
  }
}

function outputOf(args: readonly string[], start: number): Promise<{ wallSeconds: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let tail = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => (tail = (tail + text.toString()).slice(-2000)));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve({ wallSeconds: (performance.now() - start) / 1000 });
      else reject(new Error(`zemosaic ${args.slice(2).join(' ')} ended with ${code}:\n${tail}`));
    });
  });
}

function diskMiB(folder: string): number {
  return existsSync(folder) ? blocks(folder) / 2048 : 0;
}

/** 512-byte blocks of all files below; a file that goes away meanwhile counts nothing. */
function blocks(at: string): number {
  try {
    const { blocks: own, size } = lstatSync(at);
    if (!lstatSync(at).isDirectory()) return own ?? Math.ceil(size / 512);
    return readdirSync(at).reduce((sum, name) => sum + blocks(path.join(at, name)), 0);
  } catch {
    return 0;
  }
}
