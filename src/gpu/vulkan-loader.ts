// Whether Linux has a Vulkan loader at all: without one Dawn writes a complaint of its own to the terminal and finds no adapter.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const LOADER = 'libvulkan.so.1';
/** Where the dynamic linker looks when its cache has no answer. */
const DEFAULT_DIRS = ['/lib', '/usr/lib', '/lib64', '/usr/lib64'];

/** What is asked of the machine; tests hand in their own. */
export interface LoaderSearch {
  readonly platform: NodeJS.Platform;
  readonly libraryPath: string | undefined;
  readonly cacheFile: string;
  readonly dirs: readonly string[];
}

const thisMachine = (): LoaderSearch => ({
  platform: process.platform,
  libraryPath: process.env.LD_LIBRARY_PATH,
  cacheFile: '/etc/ld.so.cache',
  dirs: DEFAULT_DIRS,
});

/** False only where it is certain: on Linux, when neither LD_LIBRARY_PATH nor the linker's cache nor its default folders have the loader. */
export function hasVulkanLoader(search: LoaderSearch = thisMachine()): boolean {
  if (search.platform !== 'linux') return true;
  const named = (search.libraryPath ?? '').split(':').filter((dir) => dir !== '');
  if ([...named, ...search.dirs].some((dir) => existsSync(path.join(dir, LOADER)))) return true;
  // A system without that cache (musl) has paths of its own: let Dawn look.
  if (!existsSync(search.cacheFile)) return true;
  return readFileSync(search.cacheFile).includes(LOADER);
}
