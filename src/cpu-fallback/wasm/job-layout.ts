// How a kernel call stands in shared memory: packed parameters, then one address per buffer. The host packs it from the contracts, and the
// assembly's accessors are generated from the same tables when it is compiled.
import {
  BLANK_LIMIT,
  BLANK_VALUE,
  BLOCK_SIZE,
  LEVEL_TERMS,
  MAP_STRIDE,
  SAMPLE_LIMIT,
} from '../../compute/constants.js';
import type { KernelContract } from '../../compute/contract.js';
import { RADIAL_TABLE_SIZE } from '../../compute/contracts/coadd-radial.js';
import { DRIZZLE_LEAST } from '../../compute/contracts/drizzle.js';
import { SAMPLE_F32, SAMPLE_I16 } from '../../compute/contracts/decode.js';
import { LINEAR_FIT_ROUNDING } from '../../compute/contracts/stack-linear-fit.js';
import { MAD_CONSISTENCY } from '../../compute/contracts/stack-mad.js';
import {
  WINSOR_CONSISTENCY,
  WINSOR_CUTOFF,
  WINSOR_MAX_STEPS,
  WINSOR_TOLERANCE,
} from '../../compute/contracts/stack-winsorised.js';
import {
  LANCZOS_TABLE_SIZE,
  WARP_BILINEAR,
  WARP_LANCZOS3,
  WARP_NEAREST,
} from '../../compute/contracts/warp.js';
import { GUARD_STEP_NOISE, MEDIAN_VARIANCE } from '../../compute/contracts/guard-buffers.js';
import { GUARD_AROUND, GUARD_NEAR, PAIR_KAPPA, PAIR_STEP_NOISE } from '../../compute/contracts/guard-few.js';
import {
  TRAIL_ASIDE,
  TRAIL_ASIDE_MOST,
  TRAIL_NEED,
  TRAIL_SLOPE_BITS,
  TRAIL_SLOPES,
  TRAIL_WINDOW,
} from '../../compute/contracts/guard-trails.js';
import { WARP_CUBIC } from '../../compute/contracts/warp-cfa.js';
import { contracts } from '../../compute/contracts/index.js';
import { packParamsInto, paramsBytes } from '../../compute/params.js';
import { contractOf, type WasmStem, wasmStems } from './inner-contracts.js';
import { kernelPasses, MARKED_ROWS } from './kernel-passes.js';

const ADDRESS_BYTES = 4;

/** Where the addresses of a call begin. */
const addressOffset = ({ params }: Pick<KernelContract, 'params'>): number => paramsBytes(params);

/**
 * Bytes of a call: parameters, addresses of the buffers in the order of the contract, then of the kernel's derived tables (0 if not needed) and of the flags of
 * blank blocks, where it knows of them, and, where it may do warps itself, of their calls and where in the scratch their samples are to stand; last, where calls may be joined, how many there are.
 */
export function packJob(
  stem: WasmStem,
  params: Readonly<Record<string, number>>,
  addresses: readonly number[],
): Uint8Array {
  const contract = contractOf(stem);
  const offset = addressOffset(contract);
  const words = kernelPasses[stem].joinedBy ? [...addresses, 1] : addresses;
  const job = new Uint8Array(offset + words.length * ADDRESS_BYTES);
  const view = new DataView(job.buffer);
  packParamsInto(view, contract.params, params);
  for (let i = 0; i < words.length; i++) view.setUint32(offset + i * ADDRESS_BYTES, words[i], true);
  return job;
}

/** The packed call with another address of one of its buffers, counted as in the contract. */
export function withAddress(stem: WasmStem, job: Uint8Array, buffer: number, address: number): Uint8Array {
  const moved = job.slice();
  const at = addressOffset(contractOf(stem)) + buffer * ADDRESS_BYTES;
  new DataView(moved.buffer).setUint32(at, address, true);
  return moved;
}

/** Bytes of a call of warp-window. */
export const WARP_CALL_BYTES =
  addressOffset(contractOf('warp-window')) +
  ADDRESS_BYTES *
    (contractOf('warp-window').buffers.length + kernelPasses['warp-window'].derived!.length + 1);

/** AssemblyScript text of the module `layout`: the port's constants, and per kernel a namespace that reads a packed call. */
export function assemblyLayout(): string {
  const float = (name: string, value: number) => `export const ${name}: f32 = ${value};`;
  const double = (name: string, value: number) => `export const ${name}: f64 = ${value};`;
  const whole = (name: string, value: number) => `export const ${name}: u32 = ${value};`;
  return [
    float('BLANK_VALUE', BLANK_VALUE),
    float('BLANK_LIMIT', BLANK_LIMIT),
    float('SAMPLE_LIMIT', SAMPLE_LIMIT),
    whole('BLOCK_SIZE', BLOCK_SIZE),
    whole('MAP_STRIDE', MAP_STRIDE),
    whole('LEVEL_TERMS', LEVEL_TERMS),
    whole('SAMPLE_I16', SAMPLE_I16),
    whole('SAMPLE_F32', SAMPLE_F32),
    whole('WARP_NEAREST', WARP_NEAREST),
    whole('WARP_BILINEAR', WARP_BILINEAR),
    whole('WARP_LANCZOS3', WARP_LANCZOS3),
    whole('WARP_CUBIC', WARP_CUBIC),
    whole('LANCZOS_TABLE_SIZE', LANCZOS_TABLE_SIZE),
    whole('WARP_CALL_BYTES', WARP_CALL_BYTES),
    whole('MARKED_ROWS', MARKED_ROWS),
    whole('RADIAL_TABLE_SIZE', RADIAL_TABLE_SIZE),
    float('DRIZZLE_LEAST', DRIZZLE_LEAST),
    whole('WINSOR_MAX_STEPS', WINSOR_MAX_STEPS),
    float('MEDIAN_VARIANCE', MEDIAN_VARIANCE),
    float('GUARD_NEAR', GUARD_NEAR),
    float('GUARD_STEP_NOISE', GUARD_STEP_NOISE),
    float('GUARD_AROUND', GUARD_AROUND),
    float('PAIR_KAPPA', PAIR_KAPPA),
    float('PAIR_STEP_NOISE', PAIR_STEP_NOISE),
    float('WINSOR_TOLERANCE', WINSOR_TOLERANCE),
    float('WINSOR_CUTOFF', WINSOR_CUTOFF),
    float('WINSOR_CONSISTENCY', WINSOR_CONSISTENCY),
    whole('TRAIL_WINDOW', TRAIL_WINDOW),
    whole('TRAIL_NEED', TRAIL_NEED),
    whole('TRAIL_ASIDE', TRAIL_ASIDE),
    whole('TRAIL_ASIDE_MOST', TRAIL_ASIDE_MOST),
    whole('TRAIL_SLOPES', TRAIL_SLOPES),
    whole('TRAIL_SLOPE_BITS', TRAIL_SLOPE_BITS),
    double('MAD_CONSISTENCY', MAD_CONSISTENCY),
    double('LINEAR_FIT_ROUNDING', LINEAR_FIT_ROUNDING),
    ...wasmStems.map((stem) => jobNamespace(stem, contractOf(stem), tablesOf(stem))),
    // Calls that the assembly makes of those of warp-window.
    jobNamespace('warp-cfa', contracts['warp-cfa'] as unknown as KernelContract, [
      'lanczosPhases',
      'cfaLattice',
      'blankBlocks',
    ]),
  ].join('\n');
}

/** What stands behind the addresses of a call's buffers. */
function tablesOf(stem: WasmStem): readonly string[] {
  const { derived = [], cube, warped, joinedBy } = kernelPasses[stem];
  return [
    ...derived.map(({ name }) => name),
    ...(cube ? ['blankBlocks'] : []),
    ...(warped ? ['warps', 'samples'] : []),
    ...(joinedBy ? ['calls'] : []),
  ];
}

function jobNamespace(
  stem: string,
  { params, buffers }: Pick<KernelContract, 'params' | 'buffers'>,
  tables: readonly string[],
): string {
  const fields = Object.entries(params).map(([name, type], i) => accessor(name, type, i * 4));
  const first = addressOffset({ params });
  const names = [
    ...buffers.map(({ name }) => `${name}_at`),
    ...tables.map((name) => (name === 'calls' ? name : `${name}_at`)),
  ];
  const addresses = names.map((name, i) => accessor(name, 'usize', first + i * ADDRESS_BYTES));
  const places = [
    `  export const ADDRESSES: usize = ${first};`,
    `  export const ADDRESSES_BYTES: usize = ${names.length * ADDRESS_BYTES};`,
  ];
  return `export namespace ${pascalCase(stem)}Job {\n${[...places, ...fields, ...addresses].join('\n')}\n}`;
}

function accessor(name: string, type: string, offset: number): string {
  const inline = '  // @ts-ignore: decorator\n  @inline export function';
  return [
    `${inline} ${name}(job: usize): ${type} { return load<${type}>(job, ${offset}); }`,
    `${inline} set${name[0].toUpperCase()}${name.slice(1)}(job: usize, value: ${type}): void { store<${type}>(job, value, ${offset}); }`,
  ].join('\n');
}

function pascalCase(stem: string): string {
  return stem.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
}
