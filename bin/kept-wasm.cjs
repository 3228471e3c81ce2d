// WebAssembly with the machine code that V8 made of it when the program was built. Of its own accord V8 compiles each function simply when it is called first, and once more,
// with optimising, what has run for a while: a run would wait for the one, do its first work in the slow code, and pay for both. V8 keeps such code for embedders alone, who have no
// word for it in Node; the functions by which V8's own tests call it are called here.
// CommonJS, as what keeps the code of scripts.
const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');
const { codeFolderOf, codeOf, sumsOf } = require('./load-program.cjs');

const PROGRAM = path.join(__dirname, '../dist/program');

/** V8's function of this name, which it lets nobody call unless it was told to when the call was parsed: in brackets it is parsed at once. @throws SyntaxError where there is none. */
function own(name, parameters) {
  setFlagsFromString('--allow-natives-syntax');
  try {
    return new Script(`(function (${parameters}) { return %${name}(${parameters}); })`).runInThisContext();
  } finally {
    setFlagsFromString('--no-allow-natives-syntax');
  }
}

/** Has V8 optimise all functions of a module at once. */
const OPTIMISING = [
  ['--no-liftoff', '--liftoff'],
  ['--no-wasm-lazy-compilation', '--wasm-lazy-compilation'],
  // goes with the first, and does not come back with it
  ['--no-wasm-dynamic-tiering', '--wasm-dynamic-tiering'],
];

/** Keeps the code of a module's file for this very Node. It is for a process of its own: a V8 that has changed its mind ends it. */
function keepModule(file) {
  const bytes = readFileSync(file);
  for (const [optimising] of OPTIMISING) setFlagsFromString(optimising);
  const module = new WebAssembly.Module(bytes);
  // code is kept with the flags of now, and taken with the same ones only
  for (const [, usual] of OPTIMISING) setFlagsFromString(usual);
  const code = Buffer.from(own('SerializeWasmModule', 'module')(module));
  const kept = path.join(codeFolderOf(PROGRAM), `${path.basename(file)}.code`);
  writeFileSync(kept, Buffer.concat([code, sumsOf(crc32(bytes), code)]));
}

/** Code that is to check for itself that it stays within its memory is no code that was kept. */
const checksItself = () =>
  [...process.execArgv, process.env.NODE_OPTIONS].some((option) =>
    option?.includes('disable-wasm-trap-handler'),
  );

/**
 * The module in a file that holds `bytes`, with the code that was kept of it; undefined where none is kept of these very bytes, for this very Node, or where V8 does not take it: it does with the
 * processor and the flags that it was kept with.
 */
function keptModule(file, bytes) {
  if (checksItself()) return undefined;
  // V8 takes memory that holds nothing else
  const code = codeOf(codeFolderOf(PROGRAM), file, crc32(bytes), (length) => new Uint8Array(length));
  if (!code) return undefined;
  try {
    return own('DeserializeWasmModule', 'code, bytes')(code.buffer, bytes);
  } catch {
    return undefined;
  }
}

module.exports = { keepModule, keptModule };
