// Variants of the warps by what stands between the taps: each pipeline knows the number of its taps, so that their weights stay in registers.
import type { GpuKernel, ShaderVariant } from './gpu-kernel.js';

const convolution = (name: string, taps: number): ShaderVariant => ({
  name,
  fragments: { taps: 'taps-convolved', 'axis-weights': `${name}-weights` },
  constants: { TAPS: taps },
});

export const NEAREST: ShaderVariant = { name: 'nearest', fragments: { taps: 'taps-nearest' }, constants: {} };
export const BILINEAR: ShaderVariant = {
  name: 'bilinear',
  fragments: { taps: 'taps-bilinear' },
  constants: {},
};
export const CUBIC = convolution('cubic', 4);
export const LANCZOS3 = convolution('lanczos', 6);

/** Those of a warp by the value of its `kernel`; `support` is the fragment that says where the taps of a convolution stand. */
export function warpVariants(
  byKernel: Readonly<Record<number, ShaderVariant>>,
  support: string,
): [readonly ShaderVariant[], GpuKernel['variantFor']] {
  const variants = new Map(
    Object.entries(byKernel).map(([kernel, variant]) => [
      Number(kernel),
      { ...variant, fragments: { ...variant.fragments, support } },
    ]),
  );
  return [
    [...variants.values()],
    ({ kernel }) => {
      const variant = variants.get(kernel);
      if (variant === undefined) throw new RangeError(`no warp of kernel ${kernel}`);
      return variant;
    },
  ];
}
