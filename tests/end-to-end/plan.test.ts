// What the plan promises, held against what the run then does.
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ConfigKey } from '../../src/config/table.js';
import { planSummary } from '../../src/pipeline/estimate/plan-summary.js';
import type { RunEvent } from '../../src/report/events.js';
import { openBackend } from '../helpers/backends.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { configOf, filesBelow, makeSmallSession, recordingSink, run as runOn } from './support.js';

const folder = temporaryFolder();
const input = () => path.join(folder(), 'in');
const output = () => path.join(folder(), 'out');
const argv = () => ({
  input_dir: input(),
  output_dir: output(),
  runtime_temp_dir: path.join(folder(), 'tmp'),
});

/** The quickest one that is the same everywhere: each plan tries out what it would compute with. */
const backend = () => openBackend('wasm');
const run = (settings: Parameters<typeof runOn>[0]) => runOn(settings, { backend });

function plan(
  onEvent?: (event: RunEvent) => void,
  signal = new AbortController().signal,
  extra: Partial<Record<ConfigKey, string | boolean>> = {},
) {
  const provideBackend = async () => ({ backend: await backend(), notices: [] });
  return planSummary(configOf({ ...argv(), ...extra }), recordingSink(onEvent).sink, signal, {
    provideBackend,
    version: '0.0.0-test',
  });
}

beforeEach(() => makeSmallSession(input(), { panels: [1, 1], subs: 3, size: [128, 160], extras: false }));

describe('plan', () => {
  it('says what the run then does, and writes nothing', async () => {
    const planned = await plan();
    expect(await readdir(folder())).toEqual(['in']);
    const { report } = await run(argv());
    const { total, used } = report.inputs;
    expect(planned.frames).toMatchObject({ total, used });
    expect(planned.grid).toMatchObject({
      widthPx: report.grid!.width_px,
      heightPx: report.grid!.height_px,
    });
    const products = (await filesBelow(output())).filter((name) => !name.endsWith('.json'));
    const sizes = await Promise.all(
      products.map(async (name) => (await stat(path.join(output(), name))).size),
    );
    const written = sizes.reduce((sum, size) => sum + size, 0);
    // Headers and padding are not counted: 8 KiB a product.
    expect(planned.outputDiskBytes).toBeGreaterThan(written - 2 ** 13 * products.length);
    expect(planned.outputDiskBytes).toBeLessThan(1.5 * written);
  });

  it('counts a copy of a file once, as the run does, and says what it believes', async () => {
    const [name, other] = (await readdir(input())).filter((n) => n.endsWith('.fit')).sort();
    await copyFile(path.join(input(), name), path.join(input(), `z-${name}`));
    // as large, of the same time, and not the same
    const bytes = await readFile(path.join(input(), other));
    bytes[bytes.length - 2880] ^= 1;
    await writeFile(path.join(input(), `z-${other}`), bytes);
    const planned = await plan();
    expect(planned.frames).toMatchObject({ total: 5, used: 4 });
    expect(planned.frames.rejected).toMatchObject([
      {
        path: path.join(input(), `z-${name}`),
        reason: { code: 'frames_reject_twin', params: { other: name } },
      },
    ]);
    expect(planned.notices).toContainEqual({ code: 'pipeline_plan_believed', params: { count: 4 } });
  });

  it('names a frame whose sky system cannot be used, as the run does', async () => {
    const [name] = (await readdir(input())).filter((n) => n.endsWith('.fit')).sort();
    const bytes = await readFile(path.join(input(), name));
    const at = bytes.indexOf('RADESYS =');
    expect(at).toBeGreaterThan(0);
    bytes.write("RADESYS = 'GAPPT   '".padEnd(80), at, 'latin1');
    await writeFile(path.join(input(), name), bytes);
    const planned = await plan();
    const { report } = await run(argv());
    expect(planned.frames).toMatchObject({ total: 3, used: 2 });
    expect(planned.frames.rejected).toEqual(report.inputs.rejected);
    expect(planned.frames.rejected[0].reason.code).toBe('wcs_frame_not_convertible');
  });

  it('counts the tiles that a run keeps: their arrays beside the mosaic’s, their files as what they are', async () => {
    const bills = async (extra: Partial<Record<ConfigKey, string | boolean>>) => {
      const { temporaryDiskBytes, outputDiskBytes } = await plan(undefined, undefined, {
        assembly_mode: 'classic',
        ...extra,
      });
      return [temporaryDiskBytes, outputDiskBytes];
    };
    const plain = await bills({});
    const saved = await bills({ save_master_tiles: true });
    const { report, events } = await run({ ...argv(), assembly_mode: 'classic', save_master_tiles: true });
    // frames that only their pixels refuse are in the plan's bill
    const told = events.find((event) => event.type === 'grid-planned')!;
    expect(Math.abs(told.outputDiskBytes / saved[1] - 1)).toBeLessThan(0.02);
    expect(Math.abs(told.temporaryDiskBytes / saved[0] - 1)).toBeLessThan(0.02);
    expect(report.outcome).toBe('success');
    const tiles = path.join(output(), 'zemosaic_master_tiles');
    let written = 0;
    for (const name of await readdir(tiles)) written += (await stat(path.join(tiles, name))).size;
    expect(Math.abs(saved[1] - plain[1] - written) / written).toBeLessThan(0.1);
    expect(saved[0] - plain[0]).toBe(saved[1] - plain[1]);
    const kept = await bills({ cleanup_temp_artifacts: false });
    expect(kept[0] - plain[0]).toBe(2 * (saved[0] - plain[0]));
    expect(kept[1]).toBe(plain[1]);
    const aesthetic = { export_aesthetic_fits: true };
    const [unblended, blended] = [
      await bills(aesthetic),
      await bills({ ...aesthetic, aesthetic_multiband_enabled: true }),
    ];
    const { grid } = await plan();
    const stacks = saved[0] - plain[0];
    expect(blended[0] - unblended[0]).toBe(stacks + 4 * grid.widthPx * grid.heightPx * grid.channels);
    expect(blended[1]).toBe(unblended[1]);
  });

  it('takes the time of dropping and of the finer grid into account', async () => {
    const plain = await plan();
    const fine = await plan(undefined, undefined, { drizzle: true });
    expect(fine.estimatedSeconds!).toBeGreaterThan(2 * plain.estimatedSeconds!);
  });

  it('refuses a folder of someone else in the place of the tiles, as a run does', async () => {
    const foreign = path.join(output(), 'zemosaic_hips');
    await mkdir(foreign, { recursive: true });
    await writeFile(path.join(foreign, 'note.txt'), 'mine');
    await expect(plan(undefined, undefined, { save_hips: 'png' })).rejects.toMatchObject({
      code: 'output_tree_not_ours',
    });
  });

  it('can be stopped while frames are placed', async () => {
    const controller = new AbortController();
    const stopped = plan((event) => {
      if (event.type === 'phase-finished' && event.phase === 'scan') controller.abort('SIGINT');
    }, controller.signal);
    await expect(stopped).rejects.toBe('SIGINT');
  });
});
