// A run in a process of its own, for the tests that stop or kill it: one line of its standard output an event.
import { createReferenceBackend } from '../../src/cpu-fallback/reference-backend.js';
import type { ConfigKey } from '../../src/config/table.js';
import { runMosaic } from '../../src/pipeline/run-mosaic.js';
import { configOf } from './support.js';

const argv = JSON.parse(process.argv[2]) as Partial<Record<ConfigKey, string | boolean>>;
const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => controller.abort(signal));
const say = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
try {
  const sink = {
    emit: (event: { type: string; phase?: string }) => say({ type: event.type, phase: event.phase }),
  };
  await runMosaic(configOf(argv), sink, controller.signal, {
    version: '0.0.0-test',
    provideBackend: () => Promise.resolve({ backend: createReferenceBackend(), notices: [] }),
    checkpointMs: 0,
  });
  process.exit(0);
} catch (error) {
  say({ type: 'error', code: (error as { code?: string }).code ?? String(error) });
  process.exit(3);
}
