// Builds from AssemblyScript what the wasm backend loads into dist/cpu-fallback/wasm, kernels.wasm and the worker's modules, and the passes over samples,
// dist/simd/passes.wasm.
// `npm run build` runs it; so do the tests, whenever the product is older than a source.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';
import ts from 'typescript';
import { HEAP_START } from '../src/cpu-fallback/wasm/control-area.js';
import { assemblyLayout } from '../src/cpu-fallback/wasm/job-layout.js';

const root = path.resolve(import.meta.dirname, '..');
const room = path.join(root, 'src/cpu-fallback/wasm');
const simd = path.join(root, 'src/simd/assembly');
const target = path.join(root, 'dist/cpu-fallback/wasm');
/** Modules that a worker consists of; it is started without the loader that runs sources directly. */
const workerModules = ['kernel-worker', 'control-area'];
const products = [
  ...['kernels.wasm', ...workerModules.map((name) => `${name}.js`)].map((name) => path.join(target, name)),
  path.join(root, 'dist/simd/passes.wasm'),
];

/** All pages of a 32-bit memory; the host sets the real limit. */
const MAX_PAGES = 65536;

/** What is to stand in a source file, by its name, instead of its text. */
type Edit = (name: string, text: string) => string;

/**
 * Bytes of the kernels, the same for the same sources and compiler; tests edit them. Throws with the compiler's words when they do not compile.
 */
export function compileKernels(edit?: Edit): Promise<Uint8Array> {
  const options = [
    ...['--enable', 'threads', '--importMemory', '--sharedMemory'],
    ...['--initialMemory', String(HEAP_START / 65536), '--maximumMemory', String(MAX_PAGES)],
  ];
  return compile(path.join(room, 'assembly'), options, edit);
}

/** Bytes of the passes over samples, likewise. */
export function compilePasses(): Promise<Uint8Array> {
  return compile(simd, []);
}

async function compile(
  assembly: string,
  more: readonly string[],
  edit: Edit = (_, text) => text,
): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const options = [
    ...['index.ts', '--outFile', 'out.wasm', '-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
    ...more,
    ...['--use', 'abort=', '--disableWarning'],
  ];
  const { error, stderr } = await asc.main(options, {
    readFile: (name) => {
      const file = path.basename(name);
      if (name === 'layout.ts') return edit(file, assemblyLayout());
      const source = path.join(assembly, name);
      return existsSync(source) ? edit(file, readFileSync(source, 'utf8')) : null;
    },
    writeFile: (_, contents) => {
      binary = Buffer.from(contents);
    },
    listFiles: () => [],
  });
  if (error || !binary)
    throw new Error(`the kernels do not compile:\n${stderr.toString()}`, { cause: error });
  return binary;
}

/** The same text that the compiler of the whole program writes for the module. */
function compileModule(name: string): string {
  const source = readFileSync(path.join(room, `${name}.ts`), 'utf8');
  const config = ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => readFileSync(file, 'utf8'));
  const { compilerOptions } = config.config as { compilerOptions: object };
  const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, root);
  const compiler = { ...options, module: ts.ModuleKind.ESNext };
  return ts.transpileModule(source, { compilerOptions: compiler, fileName: `${name}.ts` }).outputText;
}

const lastChange = (file: string): number => {
  const stat = statSync(file);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(...readdirSync(file).map((name) => lastChange(path.join(file, name))));
};

/** True when the products are there and no older than the sources they are made of. */
function isCurrent(): boolean {
  const sources = [
    room,
    simd,
    path.join(root, 'src/compute'),
    import.meta.filename,
    path.join(root, 'package.json'),
  ];
  return (
    products.every((file) => existsSync(file)) &&
    Math.max(...sources.map(lastChange)) <= Math.min(...products.map((file) => statSync(file).mtimeMs))
  );
}

/** Builds the files; a reader sees either the old or the new one, never a part. */
export async function buildWasm(): Promise<void> {
  const contents = [await compileKernels(), ...workerModules.map(compileModule), await compilePasses()];
  products.forEach((file, i) => {
    mkdirSync(path.dirname(file), { recursive: true });
    const staging = `${file}.${process.pid}`;
    writeFileSync(staging, contents[i]);
    renameSync(staging, file);
  });
}

/** Builds when need be: the set-up of the test run. */
export default async function ensureWasm(): Promise<void> {
  if (!isCurrent()) await buildWasm();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await buildWasm();
