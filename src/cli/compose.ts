// The composition root: the one place that knows the pipeline and the backends.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { cleanDirectory } from '../cleanup/stale-runs.js';
import type { ComputeBackend } from '../compute/backend.js';
import { selectBackend, type BackendFactory } from '../compute/select.js';
import { runDirectories } from '../config/directories.js';
import { LOG_FILE_NAME } from '../report/log-file.js';
import type { BackendProvider } from '../pipeline/backend-provider.js';
import { runMosaic } from '../pipeline/run-mosaic.js';
import type { CommandServices } from './services.js';

const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

/** All backends of the program; each is loaded only when it is tried. */
const factories: readonly BackendFactory[] = [
  {
    name: 'webgpu',
    priority: 0,
    create: async (): Promise<ComputeBackend> =>
      (await import('../gpu/webgpu-backend.js')).createWebgpuBackend({ allowSoftware: true }),
  },
  {
    name: 'reference',
    priority: 3,
    create: async () => (await import('../cpu-fallback/reference-backend.js')).createReferenceBackend(),
  },
];

const provideBackend: BackendProvider = async ({ backend, require_gpu }) => {
  const { backend: chosen, tried } = await selectBackend({ backend, requireGpu: require_gpu }, factories);
  const notices = tried.flatMap(({ outcome, reason }) =>
    reason && (outcome === 'refused' || outcome === 'failed') ? [reason] : [],
  );
  return { backend: chosen, notices };
};

export const services: CommandServices = {
  runMosaic(config, sink, signal) {
    const log = path.join(runDirectories(config).outputDir, LOG_FILE_NAME);
    return runMosaic(config, sink, signal, { provideBackend, version, otherOutputs: [log] });
  },
} as unknown as CommandServices;
void cleanDirectory;
