// Another run's traces, written by hand: a journal in the output folder and the register, and the artefacts it names.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { journalPathIn, registerPathOf, type RunHeader } from '../../src/cleanup/journal/journal.js';
import { thisProcess } from '../../src/cleanup/journal/process-identity.js';

export interface Forged {
  readonly runId?: string;
  readonly pid?: number;
  readonly processStart?: string | null;
  readonly machine?: string;
  readonly outputDir?: string;
  /** Artefact path below the root by kind; a path that ends with `/` is a folder with a file in it. */
  readonly artifacts?: readonly (readonly [kind: string, at: string])[];
  readonly ended?: { readonly kept: readonly string[]; readonly resumable: boolean };
  readonly mode?: number;
  readonly cacheRetention?: 'keep' | 'run_end';
  readonly inputs?: readonly string[];
}

/** A process number that no process has. */
export const NO_PROCESS = 4_194_305;

/** Writes the traces below `root` (folders `out` and `runtime` unless told otherwise). */
export async function journal(root: string, forged: Forged = {}): Promise<void> {
  const me = thisProcess();
  const outputDir = path.join(root, forged.outputDir ?? 'out');
  const runId = forged.runId ?? '20200101T000000Z-deadbeef';
  const header: RunHeader = {
    record: 'run',
    version: 1,
    runId,
    pid: forged.pid ?? NO_PROCESS,
    processStart: forged.processStart === undefined ? me.processStart : forged.processStart,
    machine: forged.machine ?? me.machine,
    startedAt: '2020-01-01T00:00:00.000Z',
    outputDir,
    memmapDir: null,
    runtimeTempDir: path.join(root, 'runtime'),
    inputPaths: (forged.inputs ?? []).map((input) => path.join(root, input)),
    createdDirs: [],
    policy: {
      cleanupTempArtifacts: true,
      coaddUseMemmap: true,
      coaddCleanupMemmap: true,
      cacheRetention: forged.cacheRetention ?? 'run_end',
    },
  };
  const lines: unknown[] = [header];
  for (const [kind, at] of forged.artifacts ?? [['mosaic_first_dir', 'out/mosaic_first_forged/']]) {
    const full = path.join(root, at.replace(/\/$/, ''));
    await mkdir(at.endsWith('/') ? full : path.dirname(full), { recursive: true });
    await writeFile(at.endsWith('/') ? path.join(full, 'part.bin') : full, at);
    const createdAt = header.startedAt;
    lines.push({
      record: 'artifact',
      path: full,
      kind,
      meaning: 'm',
      createdAt,
      adopted: false,
      neededForResume: false,
    });
  }
  if (forged.ended !== undefined) {
    const kept = forged.ended.kept.map((at) => path.join(root, at));
    lines.push({ record: 'ended', outcome: 'success', kept, resumable: forged.ended.resumable });
  }
  const runtime = path.join(root, 'runtime');
  for (const file of [journalPathIn(outputDir, runId), registerPathOf(runtime, runId)]) {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(
      file,
      lines.map((line) => JSON.stringify(line)).join('\n') + '\n{"record":"artifact","pa',
    );
    await chmod(file, forged.mode ?? 0o644);
  }
}
