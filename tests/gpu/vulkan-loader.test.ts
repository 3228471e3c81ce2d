import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { hasVulkanLoader, type LoaderSearch } from '../../src/gpu/vulkan-loader.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();
let nowhere: LoaderSearch;

beforeEach(async () => {
  const cacheFile = path.join(folder(), 'ld.so.cache');
  await writeFile(cacheFile, 'glibc-ld.so.cache1.1\0libc.so.6\0/lib/libc.so.6\0');
  nowhere = { platform: 'linux', libraryPath: undefined, cacheFile, dirs: [folder()] };
});

describe('Vulkan loader', () => {
  it('is missed on a Linux that has it nowhere', () => {
    expect(hasVulkanLoader(nowhere)).toBe(false);
  });

  it('is found in the library path, in the default folders and in the cache of the linker', async () => {
    const own = path.join(folder(), 'own');
    await mkdir(own);
    await writeFile(path.join(own, 'libvulkan.so.1'), '');
    expect(hasVulkanLoader({ ...nowhere, libraryPath: `/none:${own}` })).toBe(true);
    expect(hasVulkanLoader({ ...nowhere, dirs: [own] })).toBe(true);
    await writeFile(nowhere.cacheFile, 'x\0libvulkan.so.1\0/usr/lib/libvulkan.so.1\0');
    expect(hasVulkanLoader(nowhere)).toBe(true);
  });

  it('is left to Dawn where the question has no certain answer', () => {
    expect(hasVulkanLoader({ ...nowhere, platform: 'darwin' })).toBe(true);
    expect(hasVulkanLoader({ ...nowhere, cacheFile: path.join(folder(), 'absent') })).toBe(true);
  });
});
