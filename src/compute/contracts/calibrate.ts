// Raw samples -> samples without bias and dark signal and with an even response, by master frames.
import { defineContract } from '../contract.js';

interface CalibrateShape {
  readonly pixels: number;
  readonly planes: number;
}

const samples = (p: CalibrateShape) => p.planes * p.pixels;

/**
 * calibrated = (image - biasScale bias - darkScale dark) / flat, sample by sample, `[planes, pixels]`. A scale of 0 leaves its master out,
 * `hasFlat` 0 the flat; a buffer that is left out holds one element that nobody reads. Blank where the image is, where a master in
 * use is blank, and where the flat is not above 0. Scales of both signs: with a dark frame D that still holds the bias B
 * and an exposure k times its own, image - B - k (D - B) is biasScale 1 - k, darkScale k.
 */
export const calibrate = defineContract({
  stem: 'calibrate',
  params: { pixels: 'u32', planes: 'u32', biasScale: 'f32', darkScale: 'f32', hasFlat: 'u32' },
  buffers: [
    { name: 'image', element: 'f32', access: 'read', length: samples },
    { name: 'bias', element: 'f32', access: 'read', length: (p) => (p.biasScale === 0 ? 1 : samples(p)) },
    { name: 'dark', element: 'f32', access: 'read', length: (p) => (p.darkScale === 0 ? 1 : samples(p)) },
    { name: 'flat', element: 'f32', access: 'read', length: (p) => (p.hasFlat === 0 ? 1 : samples(p)) },
    { name: 'calibrated', element: 'f32', access: 'write', length: samples },
  ],
  threads: (p) => [p.pixels, p.planes, 1],
  stencil: 0,
});
