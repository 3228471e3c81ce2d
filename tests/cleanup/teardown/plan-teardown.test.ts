// The rules of docs/teardown.md one by one, on the pure decision: each test is a line of the product's promise.
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { kindRow, type ArtifactKind } from '../../../src/cleanup/artifact-kinds.js';
import { planTeardown } from '../../../src/cleanup/teardown/plan-teardown.js';
import type { Candidate, TeardownFacts } from '../../../src/cleanup/teardown/teardown-facts.js';

type Owner = 'own' | 'live' | 'resumable' | 'kept' | 'dead' | 'nobody';

function candidate(
  kind: ArtifactKind,
  at: string,
  owner: Owner,
  changes: Partial<Candidate> = {},
): Candidate {
  const type = kindRow(kind).form === 'file' ? 'file' : 'directory';
  return {
    path: at,
    kind,
    identity: { type, dev: 1n, ino: 1n },
    meaning: kindRow(kind).meaning,
    adopted: false,
    neededForResume: false,
    owner: owner === 'nobody' ? null : { state: owner, cacheRetention: 'run_end' },
    holdsProducts: false,
    ...changes,
  };
}

type Changes = Partial<Omit<TeardownFacts, 'policy' | 'guarded' | 'places'>> & {
  policy?: Partial<TeardownFacts['policy']>;
  guarded?: Partial<TeardownFacts['guarded']>;
  places?: Partial<TeardownFacts['places']>;
};

/** `action reason` of the only candidate. */
function verdict(only: Candidate, changes: Changes = {}): string {
  const plan = planTeardown({
    scope: 'run',
    outcome: 'success',
    resume: false,
    candidates: [only],
    ...changes,
    policy: {
      cleanupTempArtifacts: true,
      coaddUseMemmap: true,
      coaddCleanupMemmap: true,
      cacheRetention: 'run_end',
      ...changes.policy,
    },
    places: { outputDir: '/out', memmapDir: '/mm', runtimeTempDir: '/rt', ...changes.places },
    guarded: { inputDirs: ['/in'], inputFiles: [], outputs: [], folders: ['/out'], ...changes.guarded },
  });
  const [item] = plan.items;
  return `${item.action} ${item.reason.replace('cleanup_reason_', '')}`;
}

const GOES = 'remove temporary';
const FLAGS = [
  { coaddUseMemmap: true, coaddCleanupMemmap: true },
  { coaddUseMemmap: true, coaddCleanupMemmap: false },
  { coaddUseMemmap: false, coaddCleanupMemmap: true },
  { coaddUseMemmap: false, coaddCleanupMemmap: false },
];

describe('item 1: mosaic_first_*', () => {
  it.each(['/out', '/elsewhere', '/rt'])(
    "this run's own goes wherever it was created (%s), whatever the memmap flags",
    (dir) => {
      for (const policy of FLAGS) {
        expect(verdict(candidate('mosaic_first_dir', `${dir}/mosaic_first_x`, 'own'), { policy })).toBe(GOES);
      }
    },
  );
  it('those at the top of the runtime temp directory go always', () => {
    for (const policy of FLAGS) {
      for (const owner of ['nobody', 'dead'] as const) {
        expect(verdict(candidate('mosaic_first_dir', '/rt/mosaic_first_x', owner), { policy })).toBe(GOES);
      }
    }
  });
  it.each(FLAGS)('those in the memmap directory go under the memmap conditions: %o', (policy) => {
    const both = policy.coaddUseMemmap && policy.coaddCleanupMemmap;
    for (const owner of ['nobody', 'dead'] as const) {
      const seen = verdict(candidate('mosaic_first_dir', '/mm/mosaic_first_x', owner), { policy });
      expect(seen).toBe(both ? GOES : 'keep memmap_kept');
    }
    const own = verdict(candidate('mosaic_first_dir', '/mm/mosaic_first_x', 'own'), { policy });
    expect(own).toBe(policy.coaddCleanupMemmap ? GOES : 'keep memmap_kept');
  });
});

describe('item 2: .dat files and their sidecars', () => {
  it.each(FLAGS)("this run's own go wherever they are, under both flags: %o", (policy) => {
    const both = policy.coaddUseMemmap && policy.coaddCleanupMemmap;
    for (const dir of ['/mm', '/out', '/in', '/elsewhere']) {
      expect(verdict(candidate('memmap', `${dir}/mosaic_1x1.dat`, 'own'), { policy })).toBe(
        both ? GOES : 'keep memmap_kept',
      );
      const sidecar = candidate('memmap_sidecar', `${dir}/mosaic_1x1.dat.json`, 'own');
      expect(verdict(sidecar, { policy })).toBe(both ? GOES : 'keep memmap_kept');
    }
  });
  it.each(FLAGS)('those in the memmap directory that dead runs left go under both flags: %o', (policy) => {
    const both = policy.coaddUseMemmap && policy.coaddCleanupMemmap;
    for (const owner of ['nobody', 'dead'] as const) {
      expect(verdict(candidate('memmap', '/mm/mosaic_1x1.dat', owner), { policy })).toBe(
        both ? GOES : 'keep memmap_kept',
      );
    }
  });
  it('those of a dead run outside the memmap directory go by its journal', () => {
    for (const policy of FLAGS)
      expect(verdict(candidate('memmap', '/old/mosaic_1x1.dat', 'dead'), { policy })).toBe(GOES);
  });
  it('a sidecar goes before its data, so that a kill in between leaves no sidecar alone', () => {
    const candidates = [
      candidate('memmap', '/mm/mosaic_1.dat', 'own'),
      candidate('mosaic_first_dir', '/mm/mosaic_first_x', 'own'),
      candidate('memmap_sidecar', '/mm/mosaic_1.dat.json', 'own'),
      candidate('master_tile_dir', '/out/tiles', 'own'),
      candidate('master_tile', '/out/tiles/master_tile_1.fits', 'own'),
    ];
    const plan = planTeardown({
      scope: 'run',
      outcome: 'success',
      resume: false,
      policy: {
        cleanupTempArtifacts: true,
        coaddUseMemmap: true,
        coaddCleanupMemmap: true,
        cacheRetention: 'keep',
      },
      places: { outputDir: '/out', memmapDir: '/mm', runtimeTempDir: '/rt' },
      guarded: { inputDirs: [], inputFiles: [], outputs: [], folders: [] },
      candidates,
    });
    const order = plan.items.map((item) => path.basename(item.path));
    expect(order.indexOf('mosaic_1.dat.json')).toBeLessThan(order.indexOf('mosaic_1.dat'));
    expect(order.slice(-2)).toEqual(['mosaic_first_x', 'tiles']);
  });
});

describe('item 3: global WCS files', () => {
  it.each([
    'global_mosaic_wcs.fits',
    'global_mosaic_wcs.json',
    'old_global_mosaic_wcs_2.bak',
    'global_mosaic_wcs',
  ])('%s goes, also when memmaps are off', (name) => {
    for (const policy of FLAGS) {
      for (const owner of ['own', 'dead', 'nobody'] as const) {
        expect(verdict(candidate('global_wcs_plan', `/out/${name}`, owner), { policy })).toBe(GOES);
      }
    }
  });
  it('a plan that the user supplied is an input and stays, and so does its twin', () => {
    const guarded = { inputFiles: ['/out/global_mosaic_wcs.fits'] };
    for (const name of ['global_mosaic_wcs.fits', 'global_mosaic_wcs.json']) {
      expect(verdict(candidate('global_wcs_plan', `/out/${name}`, 'nobody'), { guarded })).toMatch(/^refuse/);
    }
  });
  it('a final output of such a name stays', () => {
    const guarded = { outputs: ['/out/global_mosaic_wcs.fits'] };
    expect(verdict(candidate('global_wcs_plan', '/out/global_mosaic_wcs.fits', 'nobody'), { guarded })).toBe(
      'refuse is_output',
    );
    const earlier = candidate('global_wcs_plan', '/out/global_mosaic_wcs_science.fits', 'nobody');
    expect(verdict(earlier)).toBe('refuse is_output');
  });
  it("a WCS file under another name is the user's archive, even if a run made it", () => {
    expect(verdict(candidate('global_wcs_plan', '/out/my_plan.fits', 'own'))).toBe('keep users_archive');
    expect(verdict(candidate('global_wcs_plan', '/out/my_plan.fits', 'dead'), { scope: 'clean' })).toBe(
      'keep users_archive',
    );
  });
});

describe('items 4-6: tiles, SDS tiles, work folders', () => {
  it.each([
    ['master_tile_dir', '/out/tiles'],
    ['master_tile', '/out/tiles/master_tile_1.fits'],
    ['sds_tile_dir', '/out/sds'],
    ['sds_tile', '/out/sds/sds_tile_1.fits'],
    ['work_dir', '/out/zemosaic_work_x'],
    ['decompressed_input', '/out/zemosaic_work_x/zemosaic_input_a.fits'],
    ['output_in_progress', '/out/.a.fits.part'],
  ] as const)('%s goes', (kind, at) => {
    for (const policy of FLAGS) expect(verdict(candidate(kind, at, 'own'), { policy })).toBe(GOES);
  });
  it('a folder that holds a final output stays', () => {
    const guarded = { outputs: ['/out/work/zemosaic_work_x/m_science.fits'] };
    expect(verdict(candidate('work_dir', '/out/work/zemosaic_work_x', 'own'), { guarded })).toBe(
      'refuse is_output',
    );
  });
});

describe('the switch off', () => {
  it.each([
    'mosaic_first_dir',
    'memmap',
    'memmap_sidecar',
    'global_wcs_plan',
    'master_tile_dir',
    'master_tile',
    'sds_tile_dir',
    'work_dir',
  ] as const)('keeps %s, of this run and of dead ones', (kind) => {
    const at = kind === 'global_wcs_plan' ? '/out/global_mosaic_wcs.fits' : '/mm/mosaic_first_x.dat';
    const policy = { cleanupTempArtifacts: false };
    for (const owner of ['own', 'dead', 'nobody'] as const) {
      expect(verdict(candidate(kind, at, owner), { policy })).toBe('keep switch_off');
    }
  });
});

describe('cache_retention, independent of the switch', () => {
  it.each([true, false])('with the switch %s', (cleanupTempArtifacts) => {
    const entry = candidate('frame_cache_entry', '/out/.zemosaic_img_cache/zemosaic_frame_1', 'own');
    const at = (cacheRetention: 'keep' | 'per_tile' | 'run_end'): string =>
      verdict(entry, { policy: { cleanupTempArtifacts, cacheRetention } });
    expect([at('keep'), at('per_tile'), at('run_end')]).toEqual(['keep cache_kept', GOES, GOES]);
  });
  it("a dead run's cache follows what that run was told", () => {
    const dead = candidate('frame_cache_entry', '/x/zemosaic_frame_1', 'nobody', {
      owner: { state: 'dead', cacheRetention: 'keep' },
    });
    expect(verdict(dead)).toBe('keep cache_kept');
    expect(verdict(dead, { scope: 'clean' })).toBe(GOES);
  });
});

describe('the golden rule', () => {
  it('never an input, nor a folder that is or holds one, even under our names and with a journal', () => {
    for (const owner of ['own', 'dead', 'nobody'] as const) {
      const dir = candidate('mosaic_first_dir', '/mm/mosaic_first_x', owner);
      expect(verdict(dir, { guarded: { inputDirs: ['/mm/mosaic_first_x'] } })).toBe('refuse is_input');
      expect(verdict(dir, { guarded: { inputFiles: ['/mm/mosaic_first_x/deep/a.fits'] } })).toBe(
        'refuse is_input',
      );
      const file = candidate('memmap', '/mm/mosaic_a.dat', owner);
      expect(verdict(file, { guarded: { inputFiles: ['/mm/mosaic_a.dat'] } })).toBe('refuse is_input');
    }
  });
  it('the input folder may be the tile folder', () => {
    expect(verdict(candidate('master_tile_dir', '/in', 'own', { adopted: true }))).toBe('refuse is_input');
  });
  it('never the output folder, whatever it is called', () => {
    const dir = candidate('mosaic_first_dir', '/mm/mosaic_first_night', 'nobody');
    expect(verdict(dir, { guarded: { folders: ['/mm/mosaic_first_night'] } })).toBe('refuse is_output');
    expect(verdict(dir, { guarded: { folders: ['/mm/mosaic_first_night/out'] } })).toBe('refuse is_output');
  });
  it('never a folder without a journal that holds final products', () => {
    const dir = candidate('mosaic_first_dir', '/mm/mosaic_first_x', 'nobody', { holdsProducts: true });
    expect(verdict(dir)).toBe('refuse is_output');
  });
  it('never a symbolic link, nor what is of another type than it was', () => {
    for (const owner of ['own', 'nobody'] as const) {
      const link = { identity: { type: 'link' as const, dev: 1n, ino: 1n } };
      expect(verdict(candidate('mosaic_first_dir', '/mm/mosaic_first_x', owner, link))).toBe(
        'refuse symbolic_link',
      );
    }
    const file = { identity: { type: 'file' as const, dev: 1n, ino: 1n } };
    expect(verdict(candidate('work_dir', '/mm/zemosaic_work_x', 'own', file))).toBe('refuse replaced');
  });
});

describe('whose is it?', () => {
  const scopes = ['run', 'start', 'clean'] as const;
  const dir = (owner: Owner): Candidate => candidate('mosaic_first_dir', '/rt/mosaic_first_x', owner);
  it.each(scopes)('live: never touched (%s)', (scope) =>
    expect(verdict(dir('live'), { scope })).toBe('keep live_run'),
  );
  it.each(scopes)('resumable: kept (%s)', (scope) =>
    expect(verdict(dir('resumable'), { scope })).toBe('keep resumable'),
  );
  it('finished and kept: removed only by clean', () => {
    expect(scopes.map((scope) => verdict(dir('kept'), { scope }))).toEqual([
      'keep finished_and_kept',
      'keep finished_and_kept',
      GOES,
    ]);
  });
  it.each(scopes)('dead: removed (%s)', (scope) => expect(verdict(dir('dead'), { scope })).toBe(GOES));
  it('a resume that is on keeps exactly what it needs when the run did not end well', () => {
    const needed = candidate('master_tile', '/out/t/master_tile_1', 'own', { neededForResume: true });
    const other = candidate('work_dir', '/out/zemosaic_work_x', 'own');
    for (const outcome of ['error', 'interrupted'] as const) {
      expect(verdict(needed, { resume: true, outcome })).toBe('keep resumable');
      expect(verdict(other, { resume: true, outcome })).toBe(GOES);
      expect(verdict(needed, { resume: false, outcome })).toBe(GOES);
    }
    expect(verdict(needed, { resume: true, outcome: 'success' })).toBe(GOES);
  });
});

describe('a name without a journal counts as dead, except among inputs and in output folders', () => {
  const names = [
    ['memmap', 'mosaic_1x1.dat'],
    ['mosaic_first_dir', 'mosaic_first_x'],
  ] as const;
  it.each(names)('%s', (kind, name) => {
    const at = (dir: string, changes: Changes): string =>
      verdict(candidate(kind, `${dir}/${name}`, 'nobody'), changes);
    expect(at('/mm', {})).toBe(GOES);
    expect(at('/in', { places: { memmapDir: '/in' } })).toBe('refuse unowned_in_input');
    expect(at('/in/mm', { places: { memmapDir: '/in/mm' } })).toBe('refuse unowned_in_input');
    expect(at('/mm', { guarded: { inputFiles: ['/mm/light.fits'] } })).toBe('refuse unowned_in_input');
    expect(at('/out', { places: { memmapDir: '/out' } })).toBe('refuse unowned_in_output');
    expect(at('/out', { places: { runtimeTempDir: '/out', memmapDir: null } })).toBe(
      'refuse unowned_in_output',
    );
    expect(at('/mm', { guarded: { folders: ['/out', '/mm'] } })).toBe('refuse unowned_in_output');
  });
  it.each(names)('%s below an output folder that lies below the inputs is no input', (kind, name) => {
    const places = { outputDir: '/in/out', memmapDir: '/in/out/mm' };
    expect(verdict(candidate(kind, `/in/out/mm/${name}`, 'nobody'), { places })).toBe(GOES);
  });
  it.each(names)('%s that a journal names goes from there, too', (kind, name) => {
    for (const dir of ['/in', '/out']) {
      for (const owner of ['own', 'dead'] as const) {
        const places = { memmapDir: dir };
        expect(verdict(candidate(kind, `${dir}/${name}`, owner), { places })).toBe(GOES);
      }
    }
  });
  it('a global WCS file without a journal stays when the output folder is the input folder', () => {
    const wcs = candidate('global_wcs_plan', '/in/global_mosaic_wcs.fits', 'nobody');
    expect(verdict(wcs, { places: { outputDir: '/in' } })).toBe('refuse unowned_in_input');
  });
});
