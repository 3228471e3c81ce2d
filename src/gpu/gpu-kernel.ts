// What a kernel needs on the host's side of a GPU: how threads are grouped, which variant of its shader fits the parameters.
import type { ParamsOf, ParamTable } from '../compute/params.js';

/** One build of a shader. */
export interface ShaderVariant {
  /** Tells the variants of a stem apart; part of pipeline labels. */
  readonly name: string;
  /** What a fragment's name in an import directive stands for in this variant. */
  readonly fragments: Readonly<Record<string, string>>;
  /** Sizes that WGSL wants as constants. */
  readonly constants: Readonly<Record<string, number>>;
  /** Pixels of a line that a workgroup takes, where its threads share them. */
  readonly pixels?: number;
}

/** Host side of one kernel; `P` are the values of its parameter struct. */
export interface GpuKernel<P = ParamsOf<ParamTable>> {
  /** Threads of a workgroup in x and y. */
  readonly workgroup: readonly [number, number];
  /** True when x is a line of pixels that the shader unfolds (`shared/line-grid.wgsl`); false for an image of rows. */
  readonly line: boolean;
  /** Numbers of the contract that the shader names, by WGSL type. */
  readonly constants: {
    readonly u32?: Readonly<Record<string, number>>;
    readonly f32?: Readonly<Record<string, number>>;
  };
  readonly variants: readonly ShaderVariant[];
  readonly variantFor: (params: P) => ShaderVariant;
}

const PLAIN: ShaderVariant = { name: 'plain', fragments: {}, constants: {} };

/** Workgroup sizes by the shape of a kernel's grid, the same for all kernels of the shape. */
const WORKGROUPS = {
  /** Rows of 64 bytes for coalesced reads, and enough rows to share the taps of a stencil in cache. */
  image: [16, 8],
  /** Longer rows, for what reads no neighbours. */
  rows: [32, 8],
  /** For stencils that a rotation turns: what neighbours read lies close together at any angle. */
  square: [8, 8],
  /** Neighbouring pixels: one or two waves on every maker's hardware. */
  line: [64, 1],
} as const;

/** A kernel whose threads are the pixels of an image, with the variants that its shader knows. */
export function imageKernel(
  constants: GpuKernel['constants'],
  shape: 'image' | 'rows' | 'square' = 'image',
  variants: readonly ShaderVariant[] = [PLAIN],
  variantFor: GpuKernel['variantFor'] = () => variants[0],
): GpuKernel {
  return { workgroup: WORKGROUPS[shape], line: false, constants, variants, variantFor };
}

/** A kernel of which each workgroup takes one block of an image; `threads` columns of the grid stand for a block. */
export function blockKernel(threads: number, constants: GpuKernel['constants']): GpuKernel {
  return { workgroup: [threads, 1], line: false, constants, variants: [PLAIN], variantFor: () => PLAIN };
}

/** A kernel whose threads are a line of pixels, with the variants that its shader knows. */
export function lineKernel(
  constants: GpuKernel['constants'],
  variants: readonly ShaderVariant[] = [PLAIN],
  variantFor: GpuKernel['variantFor'] = () => variants[0],
): GpuKernel {
  return { workgroup: WORKGROUPS.line, line: true, constants, variants, variantFor };
}
