// The mosaic that frames are added to, read from its science image: mean, inverse variance and number of frames, on the pixels of the larger grid.
import type { FitsFile, FitsHdu } from '../../fits/hdu.js';
import { openFits } from '../../fits/open-fits.js';
import { readWindow } from '../../fits/read/read-window.js';
import type { CellRect } from '../planning/grid/pixel-map.js';
import type { PhotonField } from '../uncertainty/photon-field.js';
import { readPhotons, toSkyWeights } from '../uncertainty/photons-hdu.js';
import type { BaseWindow } from './add-to-base.js';

export class BaseMosaic {
  private constructor(
    private readonly fits: FitsFile,
    private readonly image: FitsHdu,
    /** Where its first pixel lies on the grid that is read by. */
    private readonly offset: readonly [number, number],
    /** What photons have added to its uncertainties. */
    private readonly photons: PhotonField | undefined,
  ) {}

  static async open(file: string, offset: readonly [number, number]): Promise<BaseMosaic> {
    const fits = await openFits(file);
    // a compressed image stands in the first extension
    const image = fits.hdus.find((hdu) => hdu.image && hdu.image.shape.length >= 2);
    try {
      if (!image) throw new RangeError(`${file} holds no image`);
      return new BaseMosaic(fits, image, offset, await readPhotons(fits));
    } catch (error) {
      await fits.close();
      throw error;
    }
  }

  get planes(): number {
    const { shape } = this.image.image!;
    return shape.length > 2 ? shape[0] : 1;
  }

  /** The part of the grid that the mosaic covers. */
  get rect(): CellRect {
    const [height, width] = this.image.image!.shape.slice(-2);
    return { x0: this.offset[0], y0: this.offset[1], width, height };
  }

  /** What it holds of `rect` and of the `margin` pixels around; a window without pixels where it does not reach. */
  async read(rect: CellRect, margin = 0): Promise<BaseWindow> {
    const all = this.rect;
    const x0 = Math.max(all.x0, rect.x0 - margin);
    const y0 = Math.max(all.y0, rect.y0 - margin);
    const width = Math.min(all.x0 + all.width, rect.x0 + rect.width + margin) - x0;
    const height = Math.min(all.y0 + all.height, rect.y0 + rect.height + margin) - y0;
    if (width <= 0 || height <= 0) {
      const none = new Float32Array(0);
      return { rect: { x0, y0, width: 0, height: 0 }, mean: none, weight: none, coverage: none };
    }
    const window = { x0: x0 - all.x0, y0: y0 - all.y0, width, height };
    const pixels = width * height;
    const mean = new Float32Array(this.planes * pixels);
    const weight = new Float32Array(this.planes * pixels);
    for (let plane = 0; plane < this.planes; plane++) {
      const values = await readWindow(this.fits, this.image, { ...window, plane });
      const deviations = await readWindow(this.fits, this.map('UNCERTAINTY'), { ...window, plane });
      toSkyWeights(deviations, values, this.photons, plane, window);
      mean.set(values, plane * pixels);
      weight.set(deviations, plane * pixels);
    }
    const coverage = await readWindow(this.fits, this.map('COVERAGE'), { ...window, plane: 0 });
    const radial = await this.readRadial(window);
    return { rect: { x0, y0, width, height }, mean, weight, coverage, ...(radial && { radial }) };
  }

  close(): Promise<void> {
    return this.fits.close();
  }

  private async readRadial(window: CellRect): Promise<Float32Array | undefined> {
    const map = this.fits.hdus.find((hdu) => hdu.name === 'WEIGHT');
    if (!map) return undefined;
    const pixels = window.width * window.height;
    const radial = new Float32Array(this.planes * pixels);
    for (let plane = 0; plane < this.planes; plane++)
      radial.set(await readWindow(this.fits, map, { ...window, plane }), plane * pixels);
    return radial;
  }

  private map(name: string): FitsHdu {
    const found = this.fits.hdus.find((hdu) => hdu.name === name);
    if (!found) throw new RangeError(`the mosaic has no map ${name}`);
    return found;
  }
}
