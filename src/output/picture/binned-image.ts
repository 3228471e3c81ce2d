// What pictures are made from.

/** A mosaic reduced by an integer factor. Arrays are `[ny, nx]`, row-major, first FITS row first. */
export interface BinnedImage {
  readonly nx: number;
  readonly ny: number;
  /** Source pixels a bin spans on each axis (fewer at the last column and row). */
  readonly factor: number;
  /** Mean of the bin's pixels that are not blank; NaN where there is none in any one plane. */
  readonly planes: readonly Float32Array[];
  /** Share of the bin's pixels that are not blank in any plane, 0-1. */
  readonly footprint: Float32Array;
}

/** Without a footprint, pixels are covered that are finite in all planes. */
export type PictureImage = Omit<BinnedImage, 'footprint'> & Partial<Pick<BinnedImage, 'footprint'>>;
