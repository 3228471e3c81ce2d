// The phases of a run up to the canvas, in memory, for tests and benches that look at mosaics nobody writes: halves, damaged levels.
import type { Workspace } from '../../src/cleanup/workspace.js';
import type { ComputeBackend } from '../../src/compute/backend.js';
import { runDirectories } from '../../src/config/directories.js';
import { resolveConfig } from '../../src/config/resolve.js';
import type { ConfigKey, RunConfig } from '../../src/config/table.js';
import { assembleMosaic, type Assembled } from '../../src/pipeline/phases/assembly.js';
import { ingestFrames } from '../../src/pipeline/phases/ingest.js';
import { scanInput } from '../../src/pipeline/phases/scan.js';
import { planIntegration, type IntegrationPlan } from '../../src/pipeline/planning/integration-plan.js';
import { planMosaic, type MosaicPlan } from '../../src/pipeline/planning/mosaic-plan.js';
import type { MeasuredFrame } from '../../src/pipeline/planning/grid/placed-frame.js';
import type { RunContext } from '../../src/pipeline/run-context.js';
import { RunMemory } from '../../src/pipeline/resume/run-memory.js';
import { RunBackend } from '../../src/pipeline/run-backend.js';
import { StageLedger } from '../../src/pipeline/stage-ledger.js';

export interface PreparedSession {
  readonly frames: readonly MeasuredFrame[];
  /** The plans under a configuration that differs from the session's by `argv`. */
  plan(argv?: Partial<Record<ConfigKey, string | boolean>>): {
    config: RunConfig;
    mosaic: MosaicPlan;
    integration: IntegrationPlan;
  };
  /** Integrates the frames that `takes`; the others are as if they were not there. */
  integrate(
    planned: ReturnType<PreparedSession['plan']>,
    takes?: (frame: number) => boolean,
  ): Promise<Assembled>;
}

const NO_WORKSPACE = { requireSpace: () => Promise.resolve() } as unknown as Workspace;

/** Measures the frames of a folder once. */
export async function prepareSession(inputDir: string, backend: ComputeBackend): Promise<PreparedSession> {
  const base = { input_dir: inputDir, output_dir: inputDir, coadd_use_memmap: false } as const;
  const configOf = (argv: Partial<Record<ConfigKey, string | boolean>> = {}) =>
    resolveConfig({ argv: { ...base, ...argv } }).config;
  const contextOf = (config: RunConfig): RunContext => ({
    config,
    directories: runDirectories(config),
    sink: { emit: () => undefined },
    signal: new AbortController().signal,
    ledger: new StageLedger(),
  });
  const context = contextOf(configOf());
  const scan = await scanInput(context);
  const computingOf = ({ sink, ledger, signal }: RunContext) =>
    new RunBackend({ backend, notices: [] }, sink, ledger, signal);
  const { frames } = await ingestFrames(
    context,
    NO_WORKSPACE,
    scan.lights,
    RunMemory.none(),
    computingOf(context),
    new Map(),
  );
  return {
    frames,
    plan(argv) {
      const config = configOf(argv);
      const mosaic = planMosaic(frames, config, backend.info.limits);
      return { config, mosaic, integration: planIntegration(frames, mosaic, config) };
    },
    integrate({ config, mosaic, integration }, takes = () => true) {
      const cells = mosaic.cells.cells.flatMap((cell) => {
        const members = cell.frames.filter(takes);
        return members.length > 0 ? [{ ...cell, frames: members }] : [];
      });
      const plan = { ...mosaic, cells: { ...mosaic.cells, cells } };
      const context = contextOf(config);
      const computing = computingOf(context);
      return assembleMosaic(context, NO_WORKSPACE, plan, integration, computing, {
        memory: RunMemory.none(),
      });
    },
  };
}
