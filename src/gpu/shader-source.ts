// Puts the text of a shader together: constants and parameter struct from src/compute in front, fragments of shaders/shared/ in
// place of their import directives, each once, loops written out where that is asked for.
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { wgslConstants } from '../compute/constants.js';
import { contracts, type KernelStem } from '../compute/contracts/index.js';
import { wgslParams } from '../compute/params.js';
import { expandLoops } from './expand-loops.js';
import type { ShaderVariant } from './gpu-kernel.js';
import { gpuKernels } from './kernels/index.js';

/** Stands as far above this file in the sources as in the build. */
const SHADERS = new URL('../../shaders/', import.meta.url);

const IMPORT = /^\/\/!import ([a-z0-9-]+)$/gm;

/** One line for each `const`, so that positions in compiler messages stay easy to read. */
function kernelConstants(stem: KernelStem, variant: ShaderVariant): string {
  const { workgroup, constants } = gpuKernels[stem];
  const whole = {
    WORKGROUP_X: workgroup[0],
    WORKGROUP_Y: workgroup[1],
    ...constants.u32,
    ...variant.constants,
  };
  return [
    ...Object.entries(whole).map(([name, value]) => `const ${name}: u32 = ${value}u;`),
    ...Object.entries(constants.f32 ?? {}).map(([name, value]) => `const ${name}: f32 = ${value}f;`),
  ].join('\n');
}

function read(name: string): string {
  return fs.readFileSync(fileURLToPath(new URL(name, SHADERS)), 'utf8');
}

/** Replaces import directives, depth first; a fragment that was already taken in leaves nothing. */
function expand(text: string, variant: ShaderVariant, taken: Set<string>): string {
  return text.replace(IMPORT, (_line, imported: string) => {
    const name = variant.fragments[imported] ?? imported;
    if (taken.has(name)) return '';
    taken.add(name);
    return expand(read(`shared/${name}.wgsl`), variant, taken);
  });
}

/** WGSL of `shaders/shared` that is complete by itself. */
export function sharedShader(name: string): string {
  return read(`shared/${name}.wgsl`);
}

/** Complete WGSL of a kernel's variant, entry point `main`; the caller may save it to debug the shader elsewhere. */
export function shaderSource(stem: KernelStem, variant: ShaderVariant): string {
  const source = [
    wgslConstants(),
    kernelConstants(stem, variant),
    wgslParams(contracts[stem].params),
    expand(read(`${stem}.wgsl`), variant, new Set()),
  ].join('\n');
  return expandLoops(source);
}
