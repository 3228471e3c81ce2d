// A small disk for the teardown tests: inputs, output folder, memmap directory and runtime directory, things planted
// in each, a scripted run with an artefact of every kind, and a listing "to the file".
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Workspace } from '../../src/cleanup/workspace.js';
import type { WorkspaceOptions } from '../../src/cleanup/workspace-options.js';

export const MEMMAP_PLACES = ['unset', 'set', 'output', 'input'] as const;
export type MemmapPlace = (typeof MEMMAP_PLACES)[number];

/** Phases of the scripted run, in order; a run can be made to fail in each. */
export const PHASES = ['scan', 'measure', 'tiles', 'grid', 'assembly', 'save', 'report'] as const;
export type Phase = (typeof PHASES)[number];

export function memmapFolder(place: MemmapPlace): string {
  return { unset: '', set: 'memmaps', output: 'out', input: 'in' }[place];
}

/** Of a run's options: what is told is so, the rest as usual. */
interface Changes extends Partial<Omit<WorkspaceOptions, 'policy'>> {
  readonly policy?: Partial<WorkspaceOptions['policy']>;
}

export function optionsFor(
  root: string,
  memmap: MemmapPlace,
  { policy, folders, ...changes }: Changes = {},
): WorkspaceOptions {
  return {
    outputDir: path.join(root, 'out'),
    inputPaths: [path.join(root, 'in')],
    policy: {
      cleanupTempArtifacts: true,
      coaddUseMemmap: true,
      coaddCleanupMemmap: true,
      cacheRetention: 'run_end',
      ...policy,
    },
    folders: {
      ...(memmap !== 'unset' && { memmapDir: path.join(root, memmapFolder(memmap)) }),
      runtimeTempDir: path.join(root, 'runtime'),
      ...folders,
    },
    ...changes,
  };
}

/** Files that stand before any run. Those of `leftovers` look like a dead run's; the others are a person's. */
export const PERSONAL = [
  'in/light_1.fits',
  'in/light_2.fits',
  'in/mosaic_of_mine.dat',
  'in/mosaic_first_night/light_3.fits',
  'memmaps/notes.dat',
  'memmaps/mosaic_first_a_file',
  'memmaps/mosaic_notes.txt',
  'out/my_archive_wcs.fits',
  'out/earlier_preview.png',
  'out/mosaic_in_output.dat',
  'out/mosaic_first_in_output/a.dat',
  'precious/file',
  'runtime/zemosaic_left.dat',
  'runtime/other_tool/file',
];
export const LEFT_IN_MEMMAPS = [
  'memmaps/mosaic_9x9x3.dat',
  'memmaps/mosaic_9x9x3.dat.json',
  'memmaps/coverage_9x9.dat',
  'memmaps/zemosaic_weight_9x9.dat',
  'memmaps/mosaic_first_dead/deep/part.dat',
];
export const LEFT_IN_RUNTIME = ['runtime/mosaic_first_dead/part.dat'];
export const LEFT_PLANS = ['out/old_global_mosaic_wcs.fits', 'out/global_mosaic_wcs_v2.backup'];

export async function put(root: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), file);
  }
}

export async function plant(root: string): Promise<void> {
  await put(root, [...PERSONAL, ...LEFT_IN_MEMMAPS, ...LEFT_IN_RUNTIME, ...LEFT_PLANS]);
}

/** Plants links under the names of artefacts in every folder that a teardown looks into. */
export async function plantLinks(root: string): Promise<string[]> {
  const links = [
    'memmaps/mosaic_first_link',
    'memmaps/mosaic_link.dat',
    'runtime/mosaic_first_link',
    'out/global_mosaic_wcs_link.json',
  ];
  for (const link of links) {
    const target = /\.\w+$/.test(link) ? 'precious/file' : 'precious';
    await symlink(path.join(root, target), path.join(root, link));
  }
  // Inside a folder that goes: the link goes with it, what it leads to stays.
  await symlink(path.join(root, 'precious'), path.join(root, 'runtime/mosaic_first_dead/inner_link'));
  return links.map((link) => `${link}@`);
}

/** The scripted run: an artefact of every kind, two outputs and a log. */
export async function scriptedRun(
  workspace: Workspace,
  options: { readonly failIn?: Phase; readonly atPhase?: (phase: Phase) => Promise<void> } = {},
): Promise<void> {
  const { outputDir } = workspace.places;
  const work: Record<Phase, () => Promise<void>> = {
    scan: async () => {
      await writeFile(path.join(outputDir, 'run.log'), 'log');
      await workspace.registerOutput(path.join(outputDir, 'run.log'));
    },
    measure: async () => {
      const dir = await workspace.workFolder('spill');
      await workspace.reserveFile('decompressed_input', 'zemosaic_input_light_1.fits', { dir });
      await workspace.cache.add('light_1.npy', 1);
    },
    tiles: async () => {
      const tiles = await workspace.masterTileDir();
      await workspace.reserveFile('master_tile', 'master_tile_000.fits', { dir: tiles });
      const sds = await workspace.sdsTileDir();
      await workspace.reserveFile('sds_tile', 'sds_tile_0000.fits', { dir: sds });
    },
    grid: async () => {
      const plan = await workspace.reserveGlobalWcsPlan();
      await writeFile(plan.json, '{}');
    },
    assembly: async () => {
      await writeFile(path.join(await workspace.mosaicFirstDir(), 'sum.bin'), 'sum');
      await workspace.createMemmap({ what: 'mosaic', ny: 4, nx: 5, planes: 3 });
      await workspace.createMemmap({ what: 'coverage', ny: 4, nx: 5 });
      await workspace.createMemmap({ what: 'weight', ny: 4, nx: 5 });
    },
    save: async () => {
      const science = await workspace.beginOutput(path.join(outputDir, 'm_science.fits'));
      await writeFile(science.temporaryPath, 'SIMPLE');
      await rename(science.temporaryPath, science.finalPath);
      await science.committed();
      const preview = await workspace.beginOutput(path.join(outputDir, 'm_preview.png'));
      await writeFile(preview.temporaryPath, 'PNG');
      if (options.failIn === 'save') return; // half-way through the second output
      await rename(preview.temporaryPath, preview.finalPath);
      await preview.committed();
    },
    report: async () => {
      await writeFile(path.join(outputDir, 'run-report.json'), '{}');
      await workspace.registerOutput(path.join(outputDir, 'run-report.json'));
    },
  };
  for (const phase of PHASES) {
    await work[phase]();
    await options.atPhase?.(phase);
    if (options.failIn === phase) throw new Error(`made to fail in ${phase}`);
  }
}

/** Everything below `root`, sorted; random parts of names as `<run>` and `<uuid>`; links end with `@`, empty folders with `/`. */
export async function listing(root: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (dir: string): Promise<void> => {
    const entries = await readdir(path.join(root, dir), { withFileTypes: true });
    if (entries.length === 0 && dir !== '') found.push(`${dir}/`);
    for (const entry of entries) {
      const at = path.posix.join(dir, entry.name);
      if (entry.isDirectory()) await walk(at);
      else found.push(entry.isSymbolicLink() ? `${at}@` : at);
    }
  };
  await walk('');
  return found.map(withoutIds).sort();
}

export function withoutIds(name: string): string {
  return name
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')
    .replace(/\d{8}T\d{6}Z-[0-9a-f]{8}/g, '<run>')
    .replace(/(?<=[_.])[0-9a-f]{8}(?=[./]|$)/g, '<run>');
}

/** The journal files of a run as a listing shows them. */
export function journals(memmap: MemmapPlace): string[] {
  const own = ['out/.zemosaic-run-<run>.journal', 'runtime/runs/<run>.journal'];
  return memmap === 'set' || memmap === 'input'
    ? [...own, `${memmapFolder(memmap)}/.zemosaic-run-<run>.journal`]
    : own;
}

export async function contentOf(root: string, files: readonly string[]): Promise<string[]> {
  return Promise.all(files.map((file) => readFile(path.join(root, file), 'utf8')));
}
