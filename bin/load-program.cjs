// Loads the joined program with the code that V8 made of it when it was built (scripts/keep-code.mjs), so that a run neither parses nor compiles its
// 1.9 MB. V8 takes such code from the same V8 with the same flags only, those that it has when it starts; whatever else starts the program loads it
// as any other module.
// CommonJS, which a thread has sooner.
const { existsSync, readFileSync, statSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');

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
    // a run has flags of its own by the time that it asks for more of the program
    const done = loaded.get(main)?.exports.ownFlags?.();
    try {
      const text = readFileSync(file);
      const script = scriptOf(file, text, codeOf(kept, file, text));
      const module = { exports: {}, import: (name) => import(name) };
      const require = (name) => (name.startsWith('./') ? load(path.join(program, name)) : packages(name));
      loaded.set(file, module);
      script.runInThisContext()(module.exports, require, module, file, program);
      return module.exports;
    } catch (error) {
      // whoever asks again is told why, too
      loaded.delete(file);
      throw error;
    } finally {
      done?.();
    }
  };
  return load(main);
}

/** What a module of the program exports: with the code that was kept of it where it is part of the joined program, or from its source. */
async function loadModule(file) {
  if (file.endsWith('.ts')) (await import('tsx/esm/api')).register();
  return loadKept(file) ?? import(pathToFileURL(file).href);
}

module.exports = { codeFolderOf, codeOf, loadKept, loadModule, scriptOf, sumsOf };
