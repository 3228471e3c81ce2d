// Runs the checks of every kernel on Deno's own WebGPU and prints one line of JSON for each: `{check, ok, error?}`; first the adapter.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { kernelStems } from '../../../src/compute/contracts/index.js';
import { createWebgpuBackend } from '../../../src/gpu/webgpu-backend.js';

const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

const backend = await createWebgpuBackend({ allowSoftware: true });
print({ adapter: backend.info.device });
for (const stem of kernelStems) {
  const checks = (await import(`../../kernels/checks/${stem}.ts`)) as Record<string, unknown>;
  for (const [name, check] of Object.entries(checks)) {
    if (!name.startsWith('check')) continue;
    try {
      await (check as (backend: ComputeBackend) => Promise<void>)(backend);
      print({ check: `${stem} ${name}`, ok: true });
    } catch (error) {
      print({ check: `${stem} ${name}`, ok: false, error: String(error) });
    }
  }
}
const { handles } = backend.resident();
print({ check: 'nothing resident', ok: handles === 0 });
await backend.close();
