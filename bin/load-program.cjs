// Loads the joined program with the code that V8 made of it when it was built (scripts/keep-code.mjs), so that a run neither parses nor compiles its
// 1.9 MB. V8 takes such code from the same V8 with the same flags only, those that it has when it starts; whatever else starts the program loads it
// as any other module.
// CommonJS, which a thread has sooner.
const { closeSync, existsSync, fstatSync, openSync, readSync, statSync } = require('node:fs');
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

/** What makes a CommonJS module a script that gives a function. */
const HEAD = Buffer.from('(function (exports, require, module, __filename, __dirname) {');
const TAIL = Buffer.from('\n})');
/** Bytes of a sum. */
const SUM = 4;

/** Files are read into the same memory, one after the other: fresh memory costs more than all that is done with it. What nobody touches of it takes none. */
const ROOM_BYTES = 8 << 20;
let room = new WeakRef(Buffer.alloc(0));

/** Room for so many bytes; good until it is asked for again. */
function roomFor(length) {
  let bytes = room.deref();
  if (!bytes || bytes.length < length) {
    bytes = Buffer.allocUnsafeSlow(Math.max(length, ROOM_BYTES));
    // V8 may have it back
    room = new WeakRef(bytes);
  }
  return bytes.subarray(0, length);
}

/** What `read` gives, told the file and how many bytes it has. */
function withFile(file, read) {
  const fd = openSync(file);
  try {
    return read(fd, fstatSync(fd).size);
  } finally {
    closeSync(fd);
  }
}

function fill(bytes, fd, from) {
  if (readSync(fd, bytes, 0, bytes.length, from) < bytes.length) throw new Error('the file ends early');
  return bytes;
}

/** A file of the program, all of whose characters are ASCII: the text of its script, one string from the beginning, for of one that was put together V8 makes another; and its sum. */
function textOf(file) {
  return withFile(file, (fd, size) => {
    const bytes = roomFor(HEAD.length + size + TAIL.length);
    const own = fill(bytes.subarray(HEAD.length, HEAD.length + size), fd, 0);
    bytes.set(HEAD);
    bytes.set(TAIL, HEAD.length + size);
    return { text: bytes.latin1Slice(), sum: crc32(own) };
  });
}

/**
 * What stands behind kept code: the sum of the text that it is of, and its own. V8 takes the code of any text of the same length, and falls over code that was not written whole;
 * times of files say nothing, for those of packages are all the same, or those of their unpacking.
 */
function sumsOf(textSum, code) {
  const sums = Buffer.alloc(2 * SUM);
  sums.writeUInt32LE(textSum);
  sums.writeUInt32LE(crc32(code), SUM);
  return sums;
}

/** The code in `folder` of a file whose text has this sum, in memory that `take` gives; undefined where there is none; nor does a file that cannot be read keep the program from starting. */
function codeOf(folder, file, textSum, take = roomFor) {
  try {
    return withFile(path.join(folder, `${path.basename(file)}.code`), (fd, size) => {
      const code = fill(take(size - 2 * SUM), fd, 0);
      const sums = fill(Buffer.alloc(2 * SUM), fd, code.length);
      return sumsOf(textSum, code).equals(sums) ? code : undefined;
    });
  } catch {
    return undefined;
  }
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
      const { text, sum } = textOf(file);
      const script = new Script(text, { filename: file, cachedData: codeOf(kept, file, sum) });
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

module.exports = { codeFolderOf, codeOf, loadKept, loadModule, sumsOf, textOf };
