// Software Vulkan out of npm alone: unpacks the SwiftShader that @sparticuz/chromium carries, once, and names the environment under
// which Dawn finds it. The environment must be set before Node starts (the loader reads it when the process is made).
// Run as a program it prints the variables as `NAME=value` lines.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const BLOCK = 512;

/** Regular files of an uncompressed ustar archive, as [name, bytes]. */
function* tarFiles(archive) {
  for (let at = 0; at + BLOCK <= archive.length;) {
    const field = (from, to) => archive.toString('latin1', at + from, at + to).replace(/\0.*$/s, '');
    const name = field(0, 100);
    if (name === '') return;
    const size = parseInt(field(124, 136), 8);
    const type = field(156, 157);
    at += BLOCK;
    if (type === '0' || type === '') yield [path.basename(name), archive.subarray(at, at + size)];
    at += Math.ceil(size / BLOCK) * BLOCK;
  }
}

/**
 * Environment that makes Dawn find SwiftShader, or the reason why there is none here.
 * @returns {{ env: Record<string, string>, reason?: undefined } | { env?: undefined, reason: string }}
 */
export function softwareVulkan() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return {
      reason: `the SwiftShader of npm is built for linux-x64, this is ${process.platform}-${process.arch}`,
    };
  }
  const require = createRequire(import.meta.url);
  let packed;
  try {
    packed = findUpwards(require.resolve('@sparticuz/chromium'));
  } catch (error) {
    return { reason: `@sparticuz/chromium is not installed (${error.code ?? error.message})` };
  }
  if (packed === undefined) return { reason: '@sparticuz/chromium carries no bin/swiftshader.tar.br' };
  const { size, mtimeMs } = fs.statSync(packed);
  const cache = path.join(root, 'node_modules', '.cache', 'zemosaic');
  const target = path.join(cache, `swiftshader-${size}-${Math.floor(mtimeMs)}`);
  const icd = path.join(target, 'vk_swiftshader_icd.json');
  if (!fs.existsSync(icd)) unpack(packed, target, cache);
  return {
    env: {
      LD_LIBRARY_PATH: [target, process.env.LD_LIBRARY_PATH].filter(Boolean).join(path.delimiter),
      VK_ICD_FILENAMES: icd,
      VK_DRIVER_FILES: icd,
    },
  };
}

/** The archive stands in `bin/` of the package, whichever of its files is the entry point. */
function findUpwards(entry) {
  for (let dir = path.dirname(entry); dir !== path.dirname(dir); dir = path.dirname(dir)) {
    const candidate = path.join(dir, 'bin', 'swiftshader.tar.br');
    if (fs.existsSync(candidate)) return candidate;
    if (path.basename(dir) === 'node_modules') return undefined;
  }
  return undefined;
}

/** Unpacks under a name of this process and renames, so that two test runs at once cannot see half a library. */
function unpack(packed, target, cache) {
  const staging = path.join(cache, `unpack-${process.pid}`);
  fs.mkdirSync(staging, { recursive: true });
  for (const [name, bytes] of tarFiles(zlib.brotliDecompressSync(fs.readFileSync(packed)))) {
    fs.writeFileSync(path.join(staging, name), bytes, { mode: 0o755 });
  }
  try {
    fs.renameSync(staging, target);
  } catch (error) {
    if (!fs.existsSync(path.join(target, 'vk_swiftshader_icd.json'))) throw error;
    fs.rmSync(staging, { recursive: true });
  }
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { env, reason } = softwareVulkan();
  if (env) for (const [name, value] of Object.entries(env)) process.stdout.write(`${name}=${value}\n`);
  else {
    process.stderr.write(`${reason}\n`);
    process.exitCode = 1;
  }
}
