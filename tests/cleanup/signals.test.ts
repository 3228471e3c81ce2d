// Real processes, stopped by real signals, and killed ones with what comes after them.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cleanDirectory } from '../../src/cleanup/stale-runs.js';
import { openWorkspace } from '../../src/cleanup/workspace.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { journal } from './forged-run.js';
import {
  journals,
  LEFT_IN_MEMMAPS,
  LEFT_IN_RUNTIME,
  LEFT_PLANS,
  listing,
  MEMMAP_PLACES,
  optionsFor,
  PERSONAL,
  plant,
  type MemmapPlace,
} from './world.js';

const root = temporaryFolder();
const childScript = path.join(path.dirname(fileURLToPath(import.meta.url)), 'child-run.ts');

class Child {
  readonly lines: string[] = [];
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown[]>;
  #waiting: (() => void)[] = [];

  constructor(...args: string[]) {
    this.#process = spawn(process.execPath, ['--import', 'tsx', childScript, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#exited = once(this.#process, 'exit');
    createInterface(this.#process.stdout!).on('line', (line) => {
      this.lines.push(line);
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  async says(word: string): Promise<void> {
    while (!this.lines.includes(word)) {
      const line = new Promise<void>((resolve) => this.#waiting.push(resolve));
      const ended = this.#exited.then(([code]) => {
        if (!this.lines.includes(word))
          throw new Error(`ended with ${String(code)}: ${this.lines.join(', ')}`);
      });
      await Promise.race([line, ended]);
    }
  }

  send(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  exit(): Promise<unknown[]> {
    return this.#exited;
  }
}

const LEFTOVERS = [...LEFT_IN_MEMMAPS, ...LEFT_IN_RUNTIME, ...LEFT_PLANS];
const OUTPUTS = ['out/run.log'];

describe('a process that is told to stop', () => {
  const rows = (['SIGINT', 'SIGTERM'] as const).flatMap((signal) =>
    MEMMAP_PLACES.map((memmap) => ({ signal, memmap })),
  );

  it.each(rows)('tears down on $signal (memmap directory: $memmap)', async ({ signal, memmap }) => {
    await plant(root());
    const child = new Child(root(), memmap, 'true');
    await child.says('ready');
    expect((await listing(root())).some((at) => at.includes('mosaic_4x5x3_<run>.dat'))).toBe(true);
    child.send(signal);
    expect(await child.exit()).toEqual([3, null]);
    expect(child.lines).toEqual(['ready', 'signal 1', 'interrupted', 'cleanup_interrupted']);
    const rest = memmap === 'set' ? [] : LEFT_IN_MEMMAPS;
    expect(await listing(root())).toEqual([...PERSONAL, ...OUTPUTS, ...rest].sort());
  });

  it('keeps everything when the switch is off', async () => {
    await plant(root());
    const before = await listing(root());
    const child = new Child(root(), 'set', 'false');
    await child.says('ready');
    child.send('SIGINT');
    await child.exit();
    const after = await listing(root());
    expect(after).toEqual(expect.arrayContaining([...before, ...journals('set')]));
    expect(after).toEqual(
      expect.arrayContaining(['memmaps/mosaic_first_<uuid>/sum.bin', 'out/global_mosaic_wcs.json']),
    );
  });

  it('does not skip the teardown on a second Ctrl-C: it only ends the wait for the body', async () => {
    await plant(root());
    const child = new Child(root(), 'set', 'true', 'stubborn');
    await child.says('ready');
    child.send('SIGINT');
    await child.says('signal 1');
    child.send('SIGINT');
    expect(await child.exit()).toEqual([3, null]);
    expect(child.lines).toEqual(['ready', 'signal 1', 'signal 2', 'interrupted', 'cleanup_interrupted']);
    expect(await listing(root())).toEqual([...PERSONAL, ...OUTPUTS].sort());
  });
});

describe('a process that is killed', () => {
  const killed = async (memmap: MemmapPlace): Promise<string[]> => {
    await plant(root());
    const child = new Child(root(), memmap, 'true');
    await child.says('ready');
    child.send('SIGKILL');
    await child.exit();
    const after = await listing(root());
    expect(after).toEqual(
      expect.arrayContaining([...journals(memmap), 'out/.zemosaic-lock', 'out/global_mosaic_wcs.json']),
    );
    return after;
  };

  it.each(MEMMAP_PLACES)('is cleaned up after by the next run (memmap directory: %s)', async (memmap) => {
    await killed(memmap);
    const next = await openWorkspace(optionsFor(root(), memmap));
    expect(next.startReport.failed).toEqual([]);
    await next.finish('success');
    const rest = memmap === 'set' ? [] : LEFT_IN_MEMMAPS;
    expect(await listing(root())).toEqual([...PERSONAL, ...OUTPUTS, ...rest].sort());
  });

  it('is cleaned up after by a next run in another output folder, by the register', async () => {
    await killed('unset');
    const other = optionsFor(root(), 'unset', { outputDir: path.join(root(), 'other') });
    await (await openWorkspace(other)).finish('success');
    const rest = [...LEFT_IN_MEMMAPS, ...LEFT_PLANS, 'other/'];
    expect(await listing(root())).toEqual([...PERSONAL, ...OUTPUTS, ...rest].sort());
  });

  it.each(MEMMAP_PLACES)('is cleaned up after by `clean` (memmap directory: %s)', async (memmap) => {
    const before = await killed(memmap);
    const options = { dryRun: true, runtimeTempDir: path.join(root(), 'runtime') };
    const announced = await cleanDirectory(path.join(root(), 'out'), options);
    expect(await listing(root())).toEqual(before);
    const report = await cleanDirectory(path.join(root(), 'out'), { ...options, dryRun: false });
    expect(report.failed).toEqual([]);
    expect(report.removed.map((entry) => entry.path)).toEqual(announced.removed.map((entry) => entry.path));
    // Names without a journal are another folder's business, or the output folder's owner's.
    expect(await listing(root())).toEqual([...PERSONAL, ...OUTPUTS, ...LEFTOVERS].sort());
  });

  it('is removed by the next run although its process number is in use again', async () => {
    // The journal of a process that had this number before: same machine, other start.
    await journal(root(), { pid: process.pid, processStart: 'boot 1' });
    const next = await openWorkspace(optionsFor(root(), 'unset'));
    await next.finish('success');
    expect((await listing(root())).filter((at) => at.includes('mosaic_first_'))).toEqual([]);
  });
});
