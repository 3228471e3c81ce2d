// Modules of WebAssembly with the code that V8 made of them when the program was built.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ownFlags } from './v8-flags.js';

/** What `bin/kept-wasm.cjs` exports for a run. */
interface KeptWasm {
  keptModule(file: string, bytes: Uint8Array): WebAssembly.Module | undefined;
}

/** The module in `file`, which holds `bytes`, all of its functions compiled with optimising; undefined where no such code is kept, and it is to be compiled. */
export function keptModule(file: URL, bytes: Uint8Array): WebAssembly.Module | undefined {
  const kept = createRequire(import.meta.url)('../bin/kept-wasm.cjs') as KeptWasm;
  // code that was kept is taken with V8's own flags only
  const done = ownFlags();
  try {
    return kept.keptModule(fileURLToPath(file), bytes);
  } finally {
    done();
  }
}
