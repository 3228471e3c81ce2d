// Loads the joined program with the code that V8 made of it when it was built (scripts/keep-code.mjs), so that a run neither parses nor compiles its
// 1.9 MB. V8 takes such code from the same V8 with the same flags only; whatever else starts the program loads it as any other module.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/** Flags of V8 for a run; nothing of it is compiled before. */
export function setFlags() {
  // A run calls some hundred functions often enough for V8's optimising compiler and few of them long enough to pay for it: asked for later
  // (the default is 67584), it takes a third as long in all, and the hot loops notice nothing. Later versions of V8 have no such flag, say so on
  // the screen, and gain nothing by the ones that came in its place.
  if (process.versions.node.startsWith('20.')) {
    setFlagsFromString('--interrupt-budget=600000');
    // A function takes in less of what it calls (a fifth of the default): its compiling costs more than the calls that it spares.
    setFlagsFromString('--max-inlined-bytecode-size-cumulative=200');
  }
  // Large arrays come and go beside a heap of twenty megabytes; V8 would mark it whole for every thirty megabytes of
  // them. Four times what a collection leaves is the most that it allows of its own accord.
  setFlagsFromString('--heap-growing-percent=300');
  // What is there from the start does not have to be compiled after all because it was not called for a while.
  setFlagsFromString('--no-flush-bytecode');
}

/** Where the code of a file of the program is kept for the very Node that runs now: another build of the same V8 may lay out its heap otherwise. */
export function codeFileOf(file) {
  const node = `${process.version}-${process.platform}-${process.arch}-${statSync(process.execPath).size}`;
  return path.join(path.dirname(file), `code-${node}`, `${path.basename(file)}.code`);
}

/** A file of the program as a script that gives the function of a CommonJS module; all its characters are ASCII. */
export function scriptOf(file, cachedData) {
  const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'latin1')}\n})`;
  return new Script(text, { filename: file, cachedData });
}

/** The code of a file, undefined where it is not kept or the file is newer. */
function codeOf(file) {
  const code = codeFileOf(file);
  return existsSync(code) && statSync(code).mtimeMs >= statSync(file).mtimeMs
    ? readFileSync(code)
    : undefined;
}

/** What the joined program exports, whose first file is `main`. */
export function loadProgram(main) {
  const packages = createRequire(main);
  if (codeOf(main) === undefined) return packages(main);
  const loaded = new Map();
  const load = (file) => {
    const known = loaded.get(file);
    if (known) return known.exports;
    const module = { exports: {}, import: (name) => import(name) };
    loaded.set(file, module);
    const folder = path.dirname(file);
    const require = (name) => (name.startsWith('./') ? load(path.join(folder, name)) : packages(name));
    scriptOf(file, codeOf(file)).runInThisContext()(module.exports, require, module, file, folder);
    return module.exports;
  };
  return load(main);
}
