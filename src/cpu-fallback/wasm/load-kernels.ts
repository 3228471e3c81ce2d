// The compiled kernels and the memory they share.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../../errors.js';
import { keptModule } from '../../kept-wasm.js';
import { HEAP_START } from './control-area.js';

/** Sources and built program lie at the same depth, and both use what the build has made. */
const KERNELS_FILE = new URL('../../../dist/cpu-fallback/wasm/kernels.wasm', import.meta.url);

const PAGE = 65536;
/** Address space to ask for, in pages: all that 32 bits reach, or less where the system reserves no more. */
const MEMORY_PAGES = [65536, 32768, 16384, 8192];

export interface LoadedKernels {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Size to which the memory can grow. */
  readonly limitBytes: number;
  /** Index of every exported function, as workers count them. */
  readonly functions: ReadonlyMap<string, number>;
}

/** Throws CodedError: `wasm_not_built`, `wasm_not_compiled`, `wasm_no_memory`. */
export async function loadKernels(file: URL = KERNELS_FILE): Promise<LoadedKernels> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new CodedError('wasm_not_built', { path: fileURLToPath(file) }, { cause });
  });
  const module =
    keptModule(file, bytes) ??
    (await WebAssembly.compile(bytes).catch((cause: unknown) => {
      throw new CodedError('wasm_not_compiled', { detail: String(cause) }, { cause });
    }));
  const names = WebAssembly.Module.exports(module).flatMap(({ kind, name }) =>
    kind === 'function' ? [name] : [],
  );
  return { module, ...createMemory(), functions: new Map(names.map((name, i) => [name, i])) };
}

function createMemory(): { memory: WebAssembly.Memory; limitBytes: number } {
  let cause: unknown;
  for (const maximum of MEMORY_PAGES) {
    try {
      const memory = new WebAssembly.Memory({ initial: HEAP_START / PAGE, maximum, shared: true });
      return { memory, limitBytes: maximum * PAGE };
    } catch (error) {
      cause = error;
    }
  }
  throw new CodedError('wasm_no_memory', { bytes: MEMORY_PAGES.at(-1)! * PAGE }, { cause });
}
