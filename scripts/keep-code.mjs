// Keeps the code that V8 makes of the joined program and of its WebAssembly beside it, all of it and for this very Node (bin/load-program.cjs, bin/kept-wasm.cjs).
// The last step of `npm run build`, but for the page.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { codeFolderOf, sumsOf, textOf } from '../bin/load-program.cjs';

const program = path.join(import.meta.dirname, '../dist/program');
const names = readdirSync(program).filter((name) => name.endsWith('.js'));
// functions that are not called at once too
setFlagsFromString('--no-lazy');
const scripts = names.map((name) => {
  const file = path.join(program, name);
  const { text, sum } = textOf(file);
  return { name, sum, script: new Script(text, { filename: file }) };
});
// code is kept with the flags of now, and taken with the same ones only
setFlagsFromString('--lazy');
const folder = codeFolderOf(program);
mkdirSync(folder, { recursive: true });
for (const { name, sum, script } of scripts) {
  const code = script.createCachedData();
  writeFileSync(path.join(folder, `${name}.code`), Buffer.concat([code, sumsOf(sum, code)]));
}

// V8 ends a process that asks for such code otherwise than this V8 has it: the build is to find out, not a run.
const keeper = JSON.stringify(path.join(import.meta.dirname, '../bin/kept-wasm.cjs'));
for (const name of ['simd/passes.wasm', 'cpu-fallback/wasm/kernels.wasm']) {
  const file = path.join(program, '..', name);
  if (!existsSync(file)) continue;
  const call = `const { keepModule, keptModule } = require(${keeper}); const file = ${JSON.stringify(file)};
    keepModule(file); if (!keptModule(file, require('node:fs').readFileSync(file))) throw new Error('V8 does not take it');`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', call], { encoding: 'utf8' });
  if (status === 0) continue;
  rmSync(path.join(folder, `${path.basename(name)}.code`), { force: true });
  console.warn(`no code is kept of ${name}, which V8 compiles in every run: ${stderr}`);
}
