// Loads the joined program with the code that V8 made of it when it was built (scripts/keep-code.mjs), so that a run neither parses nor compiles its
// 1.9 MB. V8 takes such code from the same V8 with the same flags only; whatever else starts the program loads it as any other module.
// CommonJS, which a thread has sooner.
const { existsSync, readFileSync, statSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');

/** Flags of V8 for a run; nothing of it is compiled before. */
function setFlags() {
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

/** The folder beside a program whose code is kept for the very Node that runs now: another build of the same V8 may lay out its heap otherwise. */
function codeFolderOf(program) {
  const size = statSync(process.execPath, { throwIfNoEntry: false })?.size;
  return path.join(program, `code-${process.version}-${process.platform}-${process.arch}-${size}`);
}

/** A file of the program as a script that gives the function of a CommonJS module; all the characters of its text are ASCII. */
function scriptOf(file, text, cachedData) {
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${text.toString('latin1')}\n})`;
  return new Script(wrapped, { filename: file, cachedData });
}

/**
 * What stands behind kept code: sums of the text that it is of, and of itself. V8 takes the code of any text of the same length, and falls over code that was not written whole;
 * times of files say nothing, for those of packages are all the same, or those of their unpacking.
 */
function sumsOf(text, code) {
  const sums = Buffer.alloc(8);
  sums.writeUInt32LE(crc32(text));
  sums.writeUInt32LE(crc32(code), 4);
  return sums;
}

/** The code in `folder` of a file with this text, undefined where there is none; nor does a file that cannot be read keep the program from starting. */
function codeOf(folder, file, text) {
  let kept;
  try {
    kept = readFileSync(path.join(folder, `${path.basename(file)}.code`));
  } catch {
    return undefined;
  }
  const code = kept.subarray(0, -8);
  return sumsOf(text, code).equals(kept.subarray(-8)) ? code : undefined;
}

/** What a file of the joined program exports; undefined where it is none, or no code of it is kept for this Node. */
function loadKept(main) {
  const packages = createRequire(main);
  const program = path.dirname(main);
  const kept = codeFolderOf(program);
  if (!existsSync(kept)) return undefined;
  const loaded = new Map();
  const load = (file) => {
    const known = loaded.get(file);
    if (known) return known.exports;
    const text = readFileSync(file);
    const script = scriptOf(file, text, codeOf(kept, file, text));
    const module = { exports: {}, import: (name) => import(name) };
    const require = (name) => (name.startsWith('./') ? load(path.join(program, name)) : packages(name));
    loaded.set(file, module);
    try {
      script.runInThisContext()(module.exports, require, module, file, program);
    } catch (error) {
      // whoever asks again is told why, too
      loaded.delete(file);
      throw error;
    }
    return module.exports;
  };
  return load(main);
}

module.exports = { codeFolderOf, loadKept, scriptOf, setFlags, sumsOf };
