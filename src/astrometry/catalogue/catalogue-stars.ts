// What a catalogue query gives: stars as parallel arrays.

/** `count` stars; unit vectors (towards RA 0, RA 90, the pole), ICRS, at the epoch asked for. */
export interface CatalogueStars {
  readonly count: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  /** Tycho VT magnitude. */
  readonly vt: Float32Array;
  /** BT - VT, NaN where it is not known. */
  readonly colour: Float32Array;
  /** 1: no proper motion, the photocentre of a pair, or a neighbour within 6 arc seconds: of little use in a fit. */
  readonly poor: Uint8Array;
  /** Number of the star in the catalogue. */
  readonly index: Uint32Array;
}

/** The stars at `picks`, in that order. */
export function pickStars(stars: CatalogueStars, picks: ArrayLike<number>): CatalogueStars {
  const count = picks.length;
  const out = allocateStars(count);
  for (let i = 0; i < count; i++) {
    const k = picks[i];
    out.x[i] = stars.x[k];
    out.y[i] = stars.y[k];
    out.z[i] = stars.z[k];
    out.vt[i] = stars.vt[k];
    out.colour[i] = stars.colour[k];
    out.poor[i] = stars.poor[k];
    out.index[i] = stars.index[k];
  }
  return out;
}

/** Room for `count` stars. */
export function allocateStars(count: number): CatalogueStars {
  return {
    count,
    x: new Float64Array(count),
    y: new Float64Array(count),
    z: new Float64Array(count),
    vt: new Float32Array(count),
    colour: new Float32Array(count),
    poor: new Uint8Array(count),
    index: new Uint32Array(count),
  };
}
