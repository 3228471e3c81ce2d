// What a kernel written for gpu.js is: a plain function that gpu.js translates from its source text, and the sizes it is compiled for.
// Such a function may use its arguments, `this.thread`, `this.constants` and Math only: nothing imported reaches the device. Helpers are
// written out in place, as gpu.js calls them lane by lane; arrays of its own are limited to 4 elements.
import { BLANK_LIMIT, BLANK_VALUE } from '../../compute/constants.js';

/** `this` of a device function: the cell of the output it computes, and the constants it was compiled with. */
export interface DeviceThis {
  readonly thread: { readonly x: number; readonly y: number; readonly z: number };
  readonly constants: Readonly<Record<string, number>>;
}

export type DeviceArgument = Float32Array | number;

/** How gpu.js types an argument: f32 array (any length), f32, i32. */
export type ArgumentType = 'Array' | 'Float' | 'Integer';

/** One device function and how it is compiled. */
export interface DeviceKernel {
  /** Names it in errors. */
  readonly name: string;
  readonly code: (this: DeviceThis, ...args: never[]) => number | number[];
  readonly arguments: Readonly<Record<string, ArgumentType>>;
  /** Cells of the output: `[nx]` or `[nx, ny]`. */
  readonly output: readonly number[];
  /** Whole numbers (i32), beside `blankValue` and `blankLimit`, which every kernel has. */
  readonly constants?: Readonly<Record<string, number>>;
}

/** Constants that every device function sees. */
export const SHARED_CONSTANTS = { blankValue: BLANK_VALUE, blankLimit: BLANK_LIMIT } as const;
