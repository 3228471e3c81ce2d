// The table of issue 2, item 9: {switch} x {memmap directory} x {how the run ends} -> what exists afterwards, to the file.
import { mkdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { nodeFs, type TeardownFs } from '../../../src/cleanup/teardown/teardown-fs.js';
import type { TeardownReport } from '../../../src/cleanup/teardown/teardown-report.js';
import {
  InterruptedError,
  withTeardown,
  type SignalSource,
  type StopSignal,
} from '../../../src/cleanup/signals.js';
import { openWorkspace } from '../../../src/cleanup/workspace.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import {
  contentOf,
  journals,
  LEFT_IN_MEMMAPS,
  LEFT_IN_RUNTIME,
  LEFT_PLANS,
  listing,
  MEMMAP_PLACES,
  memmapFolder,
  optionsFor,
  PERSONAL,
  PHASES,
  plant,
  plantLinks,
  scriptedRun,
  withoutIds,
  type MemmapPlace,
  type Phase,
} from '../world.js';

const root = temporaryFolder();

type Ending = 'success' | StopSignal | 'unremovable' | 'links' | `error in ${Phase}`;
const ENDINGS: Ending[] = [
  'success',
  ...PHASES.map((phase) => `error in ${phase}` as const),
  'SIGINT',
  'SIGTERM',
  'unremovable',
  'links',
];

/** Final products that stand when the run has come as far as `last`. */
function productsUntil(last: Phase): string[] {
  const reached = (phase: Phase): boolean => PHASES.indexOf(last) >= PHASES.indexOf(phase);
  return [
    'out/run.log',
    ...(reached('save') ? ['out/m_science.fits'] : []),
    ...(reached('report') ? ['out/m_preview.png', 'out/run-report.json'] : []),
  ];
}

/** What the scripted run has made until `last`, kept whole (the cache is not: `run_end`). */
function artefactsUntil(last: Phase, memmap: MemmapPlace, failed: boolean): string[] {
  const work = memmap === 'unset' ? 'out' : memmapFolder(memmap);
  const arrays = ['mosaic_4x5x3_<run>.dat', 'coverage_4x5_<run>.dat', 'zemosaic_weight_4x5_<run>.dat'];
  const made: [Phase, string[]][] = [
    ['measure', [`${work}/zemosaic_work_spill_<run>/zemosaic_input_light_1.fits`]],
    [
      'tiles',
      ['out/zemosaic_temp_master_tiles/master_tile_000.fits', 'out/sds_tiles_<run>/sds_tile_0000.fits'],
    ],
    ['grid', ['out/global_mosaic_wcs.fits', 'out/global_mosaic_wcs.json']],
    [
      'assembly',
      [
        `${work}/mosaic_first_<uuid>/sum.bin`,
        ...arrays.flatMap((a) => [`${work}/${a}`, `${work}/${a}.json`]),
      ],
    ],
  ];
  const all = made.flatMap(([phase, files]) => (PHASES.indexOf(last) >= PHASES.indexOf(phase) ? files : []));
  return failed && last === 'save' ? [...all, 'out/.m_preview.png.<run>.part'] : all;
}

class FakeSignals implements SignalSource {
  readonly #listeners = new Set<[StopSignal, (signal: StopSignal) => void]>();
  on(signal: StopSignal, listener: (signal: StopSignal) => void): void {
    this.#listeners.add([signal, listener]);
  }
  off(signal: StopSignal, listener: (signal: StopSignal) => void): void {
    for (const entry of this.#listeners)
      if (entry[0] === signal && entry[1] === listener) this.#listeners.delete(entry);
  }
  send(signal: StopSignal): void {
    for (const [on, listener] of this.#listeners) if (on === signal) listener(signal);
  }
  get count(): number {
    return this.#listeners.size;
  }
}

/** A disk on which the run's mosaic array cannot be removed. */
const stubborn: TeardownFs = {
  ...nodeFs,
  unlink: (path) =>
    /mosaic_4x5x3_\w+\.dat$/.test(path)
      ? Promise.reject(Object.assign(new Error('busy'), { code: 'EBUSY' }))
      : nodeFs.unlink(path),
};

describe.each([true, false])('cleanup_temp_artifacts = %s', (switchOn) => {
  describe.each(MEMMAP_PLACES)('memmap directory: %s', (memmap) => {
    it.each(ENDINGS)('%s', async (ending) => {
      await plant(root());
      await mkdir(`${root()}/out`, { recursive: true });
      const links = ending === 'links' ? await plantLinks(root()) : [];
      const failIn = PHASES.find((phase) => ending === `error in ${phase}`);
      const signal = ending === 'SIGINT' || ending === 'SIGTERM' ? ending : null;
      const signals = new FakeSignals();
      let report: TeardownReport | null = null;

      const options = optionsFor(root(), memmap, { policy: { cleanupTempArtifacts: switchOn } });
      const workspace = await openWorkspace(options, ending === 'unremovable' ? stubborn : nodeFs);
      const run = withTeardown(workspace, { signals, onReport: (given) => (report = given) }, (abort) =>
        scriptedRun(workspace, {
          failIn,
          atPhase: async (phase) => {
            if (signal !== null && phase === 'assembly') signals.send(signal);
            abort.throwIfAborted();
          },
        }),
      );
      if (failIn !== undefined) await expect(run).rejects.toThrow(`made to fail in ${failIn}`);
      else if (signal !== null)
        await expect(run).rejects.toMatchObject({ code: 'cleanup_interrupted', signal });
      else await run;
      if (signal !== null) await expect(run).rejects.toBeInstanceOf(InterruptedError);
      expect(signals.count).toBe(0);

      const last = failIn ?? (signal === null ? 'report' : 'assembly');
      const own = artefactsUntil(last, memmap, failIn !== undefined);
      const leftovers = [...LEFT_IN_MEMMAPS, ...LEFT_IN_RUNTIME, ...LEFT_PLANS];
      let expected = [...PERSONAL, ...productsUntil(last), ...links];
      if (!switchOn) {
        expected = [...expected, ...own, ...leftovers];
        if (own.length > 0) expected.push(...journals(memmap));
        if (links.length > 0) expected.push('runtime/mosaic_first_dead/inner_link@');
      } else {
        if (memmap !== 'set') expected.push(...LEFT_IN_MEMMAPS);
        if (ending === 'unremovable') {
          expected.push(...own.filter((at) => /mosaic_4x5x3_<run>\.dat$/.test(at)), ...journals(memmap));
        }
      }
      const after = await listing(root());
      expect(after).toEqual([...new Set(expected)].sort());
      expect(await contentOf(root(), PERSONAL)).toEqual(PERSONAL);
      accounts(report!, { own, switchOn, memmap, ending, links });
    });
  });
});

/** The report names everything: what went, what stays and why, what was refused and what failed. */
function accounts(
  report: TeardownReport,
  row: { own: string[]; switchOn: boolean; memmap: MemmapPlace; ending: Ending; links: string[] },
): void {
  const named = (entries: readonly { readonly path: string }[]): string[] =>
    entries.map((entry) =>
      withoutIds(entry.path.slice(entry.path.indexOf('zemosaic-test-')).split('/').slice(1).join('/')),
    );
  const [removed, kept, refused] = [named(report.removed), named(report.kept), named(report.refused)];
  const goesItself = row.own.filter((at) => !at.endsWith('/sum.bin'));
  if (row.switchOn) {
    const stuck =
      row.ending === 'unremovable' ? goesItself.filter((at) => at.endsWith('mosaic_4x5x3_<run>.dat')) : [];
    expect(removed).toEqual(expect.arrayContaining(goesItself.filter((at) => !stuck.includes(at))));
    expect(named(report.failed)).toEqual(stuck);
    for (const failed of report.failed) {
      expect(failed).toMatchObject({ reason: 'cleanup_reason_system_refused', code: 'EBUSY' });
    }
    expect(kept).toEqual([]);
  } else {
    expect(kept).toEqual(expect.arrayContaining([...goesItself, ...LEFT_PLANS]));
    for (const entry of report.kept) {
      expect(entry).toMatchObject({ reason: 'cleanup_reason_switch_off', bytes: expect.any(Number) });
      expect(entry.meaning).toMatch(/^cleanup_meaning_/);
    }
    // Only the cache may have gone.
    expect(removed.filter((at) => !at.startsWith('out/.zemosaic_img_cache'))).toEqual([]);
  }
  for (const link of row.links) {
    const inLookedAt = !link.startsWith('memmaps/') || row.memmap === 'set';
    if (inLookedAt) expect(refused).toContain(link.slice(0, -1));
  }
}
