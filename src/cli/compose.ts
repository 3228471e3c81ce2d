// The composition root: the one place that knows the pipeline and the backends.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { kindRow } from '../cleanup/artifact-kinds.js';
import { DiskSpaceError } from '../cleanup/disk-space.js';
import { cleanDirectory } from '../cleanup/stale-runs.js';
import type { ComputeBackend } from '../compute/backend.js';
import { kernelStems } from '../compute/contracts/index.js';
import { DeviceError } from '../compute/device-error.js';
import { BackendSelectionError, mayTake, selectBackend, type BackendFactory } from '../compute/select.js';
import { runDirectories } from '../config/directories.js';
import type { CodedMessage } from '../config/errors.js';
import { makeSession } from '../demo/make-session.js';
import type { BackendProvider } from '../pipeline/backend-provider.js';
import { isOwnTree } from '../output/hips/own-tree.js';
import { inspectFile } from '../pipeline/inspect-file.js';
import { measureSpeed } from '../pipeline/estimate/measure-speed.js';
import { NoFramesError } from '../pipeline/phases/scan.js';
import { planSummary } from '../pipeline/estimate/plan-summary.js';
import { CellBudgetError } from '../pipeline/planning/cells/cells.js';
import { MemoryBudgetError } from '../pipeline/planning/mosaic-plan.js';
import { CanvasError } from '../pipeline/planning/grid/output-grid.js';
import { runMosaic } from '../pipeline/run-mosaic.js';
import { solveFiles } from '../pipeline/solving/solve-files.js';
import { EVENTS_FILE_NAME } from '../report/events-file.js';
import { LOG_FILE_NAME } from '../report/log-file.js';
import type { BackendSummary } from '../report/summaries.js';
import { chooseBackend, triesGpuFirst } from './choose-backend.js';
import { beginEarly } from './early-backend.js';
import type { ExitName } from './exit-codes.js';
import type { CommandServices } from './services.js';

const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

type BackendConfig = Parameters<BackendProvider>[0];

/** All backends of the program; each is loaded only when it is tried. */
const backendFactories = ({
  num_processing_workers: threads,
  gpu_selector: adapterName,
}: Pick<BackendConfig, 'num_processing_workers' | 'gpu_selector'>): readonly BackendFactory[] => [
  {
    name: 'webgpu',
    priority: 0,
    create: async (signal): Promise<ComputeBackend> =>
      (await import('../gpu/open-webgpu.js')).openWebgpu(
        { allowSoftware: true, ...(adapterName !== '' && { adapterName }) },
        signal,
      ),
  },
  {
    name: 'wasm',
    priority: 1,
    create: async () =>
      (await import('../cpu-fallback/wasm/wasm-backend.js')).createWasmBackend(
        threads > 0 ? { threads } : {},
      ),
  },
  {
    name: 'gpujs',
    priority: 2,
    create: async () => (await import('../cpu-fallback/gpujs/gpujs-backend.js')).createGpujsBackend(),
  },
  {
    name: 'reference',
    priority: 3,
    create: async () => (await import('../cpu-fallback/reference-backend.js')).createReferenceBackend(),
  },
];

/** Opens the backend that the configuration asks for, and names what takes over should it fail; throws BackendSelectionError. */
export const provideBackend: BackendProvider = (config, stems) =>
  chooseBackend(backendFactories(config), config, stems);

/** Which exit code the errors of the services deserve. */
const EXIT_NAMES: readonly (readonly [new (...args: never[]) => Error, ExitName])[] = [
  [NoFramesError, 'noFrames'],
  [CanvasError, 'resources'],
  [CellBudgetError, 'resources'],
  [MemoryBudgetError, 'resources'],
  [DiskSpaceError, 'resources'],
  [BackendSelectionError, 'backend'],
  [DeviceError, 'backend'],
];

export const services: CommandServices = {
  async runMosaic(config, sink, signal) {
    const otherOutputs = [LOG_FILE_NAME, EVENTS_FILE_NAME].map((name) =>
      path.join(runDirectories(config).outputDir, name),
    );
    const request = { backend: config.backend, requireGpu: config.require_gpu };
    const early = triesGpuFirst(config)
      ? beginEarly(backendFactories(config), 'webgpu', (info) => mayTake(request, info))
      : undefined;
    const provide: BackendProvider = (asked, stems) =>
      chooseBackend(early?.factories ?? backendFactories(asked), asked, stems);
    try {
      return await runMosaic(config, sink, signal, { provideBackend: provide, version, otherOutputs });
    } finally {
      await early?.discard();
    }
  },

  planMosaic: (config, sink, signal) => planSummary(config, sink, signal, { provideBackend, version }),

  listBackends: async (config, { speed }) => {
    const summaries: BackendSummary[] = [];
    for (const factory of backendFactories(config)) {
      const summary = await proveBackend(factory, speed);
      summaries.push(factory.name === 'webgpu' ? { ...summary, ...(await adapterList()) } : summary);
    }
    return summaries;
  },

  inspectFile,

  solveFiles,

  async cleanDir(dir, { dryRun, resumable }) {
    const report = await cleanDirectory(dir, { dryRun, resumable, runtimeTempDir: '', isOwnTree });
    const coded = (code: string): CodedMessage => ({ code, params: {} });
    const withReason = ({ path: at, reason }: { path: string; reason: string }) => ({
      path: at,
      reason: coded(reason),
    });
    return {
      dryRun,
      removed: report.removed.map(({ path: at, bytes, kind }) => ({
        path: at,
        bytes,
        meaning: coded(kindRow(kind).meaning),
      })),
      kept: report.kept.map(({ path: at, bytes, reason }) => ({ path: at, bytes, reason: coded(reason) })),
      refused: report.refused.map(withReason),
      failed: report.failed.map(withReason),
    };
  },

  async makeDemo(dir) {
    const { frames } = await makeSession(dir);
    return { dir: path.resolve(dir), files: frames.length };
  },

  exitNameOf: (error) => EXIT_NAMES.find(([type]) => error instanceof type)?.[1],
};

/** Opens a backend alone, has it compute the known answer, and says what it is and does or why it cannot work. */
async function proveBackend(factory: BackendFactory, withSpeed: boolean): Promise<BackendSummary> {
  try {
    const { backend } = await selectBackend({ backend: factory.name, requireGpu: false }, [factory]);
    const { device, hardware, threads, limits } = backend.info;
    const { maxBufferBytes, maxResidentBytes } = limits;
    const missing = kernelStems.filter((stem) => backend.supports(stem) !== true);
    const right = kernelStems.filter((stem) => !missing.includes(stem));
    try {
      return {
        name: factory.name,
        available: true,
        description: device,
        software: !hardware,
        limits: { threads, maxBufferBytes, maxResidentBytes },
        kernels: { right, missing },
        ...(withSpeed && { speed: await measureSpeed(backend) }),
      };
    } finally {
      await backend.close();
    }
  } catch (error) {
    if (!(error instanceof BackendSelectionError) && !(error instanceof DeviceError)) throw error;
    const [reason] = error instanceof BackendSelectionError ? error.details : [error];
    return {
      name: factory.name,
      available: false,
      description: '',
      software: false,
      limits: {},
      ...(reason && { reason: { code: reason.code, params: reason.params } }),
    };
  }
}

/** The adapters, each opened in a process that may crash of it; nothing where none can be listed, whose reason the backend itself has told. */
async function adapterList(): Promise<Pick<BackendSummary, 'adapters'>> {
  const { adaptersOfMachine } = await import('../gpu/open-webgpu.js');
  try {
    return { adapters: await adaptersOfMachine() };
  } catch (error) {
    if (error instanceof DeviceError) return {};
    throw error;
  }
}
