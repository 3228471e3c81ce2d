// What the aesthetic product has that the science product has not: docs/aesthetic.md defines every figure.

/** Figures per plane stand in the order of the planes; ADU are those of the science product. */
export interface AestheticReport {
  /** Stacks of groups that were blended band by band, and the widest band; null: made from the mosaic itself. */
  readonly blend: { readonly stacks: number; readonly width_px: number } | null;
  readonly seams: {
    readonly strength: 'low' | 'normal' | 'strong';
    /** Places on the edges of frames that told the offsets. */
    readonly places: number;
    /** Steps at the edges, as `product` has them; equal where nothing was gained and nothing altered. */
    readonly step_before_adu: readonly number[];
    readonly step_after_adu: readonly number[];
    /** Largest offset of a frame that was taken off. */
    readonly largest_adu: readonly number[];
  } | null;
  readonly background: {
    readonly strength: 'weak' | 'normal' | 'strong' | 'custom';
    /** `level` where too little sky shows to tell its shape: nothing but a level was taken off. */
    readonly shape: 'surface' | 'level';
    readonly sky_share: number;
    /** Highest less lowest of what was taken off. */
    readonly removed_adu: readonly number[];
    /** Root mean square of the sky's boxes about the surface. */
    readonly residual_adu: readonly number[];
  } | null;
  readonly colour: {
    /** What told the white: stars of the catalogue, the median star of the field, or nothing. */
    readonly white: 'catalogue' | 'field_stars' | 'none';
    readonly gains: readonly number[];
    /** Catalogue stars in the fit. */
    readonly stars: number;
    /** Scatter of log10(R/G) and log10(B/G) about the lines, and their slopes over BT - VT. */
    readonly scatter_dex?: readonly [number, number];
    readonly slope_dex_per_mag?: readonly [number, number];
  } | null;
  readonly black_point: {
    /** Sky level of each plane that was brought to `pedestal_adu`. */
    readonly sky_adu: readonly number[];
    readonly pedestal_adu: number;
  } | null;
  readonly holes: {
    /** Blank samples no further than this from light were filled. */
    readonly radius_px: number;
    /** Blank samples inside the mosaic that were filled, and that were not. */
    readonly filled: readonly number[];
    readonly left: readonly number[];
  } | null;
}
