// Which part of the canvas becomes the product.
import type { RunConfig } from '../../config/table.js';
import type { PlaneSource } from '../../output/sources/plane-source.js';
import { coveredBox, innerRectangle } from './covered.js';
import type { Rectangle } from './largest-rectangle.js';
import { qualityRectangle } from './quality-crop.js';

/**
 * The window that the settings ask for, its sides and corners multiples of `step`; the whole canvas where none is asked for, undefined where
 * what is asked for leaves nothing.
 */
export async function cropWindow(
  { coverage, uncertainty }: { readonly coverage: PlaneSource; readonly uncertainty: PlaneSource },
  config: RunConfig,
  step: number,
): Promise<Rectangle | undefined> {
  let window: Rectangle | undefined = { x0: 0, y0: 0, width: coverage.nx, height: coverage.ny };
  if (config.global_wcs_autocrop_enabled) {
    const margin = config.global_wcs_autocrop_margin_px;
    const found =
      config.global_wcs_autocrop_shape === 'inner'
        ? await innerRectangle(coverage)
        : await coveredBox(coverage, Math.ceil(margin / step) * step);
    window = found && config.global_wcs_autocrop_shape === 'covered' ? outwards(found, step) : found;
  }
  if (config.quality_crop_enabled && window) {
    const found = await qualityRectangle(uncertainty, {
      bandPx: config.quality_crop_band_px,
      kSigma: config.quality_crop_k_sigma,
      marginPx: config.quality_crop_margin_px,
    });
    window = found && common(window, found);
  }
  return window && inwards(window, step);
}

function common(a: Rectangle, b: Rectangle): Rectangle {
  const [x0, y0] = [Math.max(a.x0, b.x0), Math.max(a.y0, b.y0)];
  const x1 = Math.min(a.x0 + a.width, b.x0 + b.width);
  const y1 = Math.min(a.y0 + a.height, b.y0 + b.height);
  return { x0, y0, width: x1 - x0, height: y1 - y0 };
}

function outwards({ x0, y0, width, height }: Rectangle, step: number): Rectangle {
  const [left, low] = [Math.floor(x0 / step) * step, Math.floor(y0 / step) * step];
  const [right, high] = [Math.ceil((x0 + width) / step) * step, Math.ceil((y0 + height) / step) * step];
  return { x0: left, y0: low, width: right - left, height: high - low };
}

function inwards({ x0, y0, width, height }: Rectangle, step: number): Rectangle | undefined {
  const [left, low] = [Math.ceil(x0 / step) * step, Math.ceil(y0 / step) * step];
  const [right, high] = [Math.floor((x0 + width) / step) * step, Math.floor((y0 + height) / step) * step];
  if (right <= left || high <= low) return undefined;
  return { x0: left, y0: low, width: right - left, height: high - low };
}
