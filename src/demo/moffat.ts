// Star images: an elliptical Moffat profile (beta 3) integrated over each pixel.

/** Shape of a star image; see `FrameTruth.psf`. */
export interface Psf {
  readonly fwhmPx: number;
  readonly axisRatio: number;
  readonly angleDeg: number;
}

const BETA = 3;
const GAUSS_NODES = [-Math.sqrt(0.15), 0, Math.sqrt(0.15)] as const;
const GAUSS_WEIGHTS = [5 / 18, 8 / 18, 5 / 18] as const;

/**
 * Calls `add(x, y, share)` for every pixel (0-based, inside `[0, nx) x [0, ny)`) around a star at FITS 1-based
 * (`x`, `y`): `share` is the part of the star's total flux on that pixel's area. The profile
 * (Moffat 1969, A&A 3, 455) has unit flux over the infinite plane; it is cut where `flux * share` < `limit`.
 * Integration: 3x3 Gauss-Legendre near the core (error < 1e-4 of the peak for a FWHM >= 2 px), the centre beyond
 * three FWHM, where the profile is straight on the scale of a pixel.
 */
export function forStarPixels(
  star: { readonly x: number; readonly y: number; readonly flux: number },
  psf: Psf,
  frame: { readonly nx: number; readonly ny: number; readonly limit: number },
  add: (x: number, y: number, share: number) => void,
): void {
  const core = psf.fwhmPx / (2 * Math.sqrt(2 ** (1 / BETA) - 1));
  const major = core / Math.sqrt(psf.axisRatio);
  const minor = core * Math.sqrt(psf.axisRatio);
  const norm = (BETA - 1) / (Math.PI * major * minor);
  const angle = (psf.angleDeg * Math.PI) / 180;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const share = (dx: number, dy: number): number => {
    const u = (cos * dx + sin * dy) / major;
    const v = (cos * dy - sin * dx) / minor;
    const t = 1 + u * u + v * v;
    return norm / (t * t * t);
  };
  const reach = major * (Math.max(1, star.flux * norm) / frame.limit) ** (1 / (2 * BETA));
  const fine = 3 * psf.fwhmPx;
  const x0 = star.x - 1;
  const y0 = star.y - 1;
  const yEnd = Math.min(frame.ny - 1, Math.ceil(y0 + reach));
  const xEnd = Math.min(frame.nx - 1, Math.ceil(x0 + reach));
  for (let y = Math.max(0, Math.floor(y0 - reach)); y <= yEnd; y++) {
    for (let x = Math.max(0, Math.floor(x0 - reach)); x <= xEnd; x++) {
      const dx = x - x0;
      const dy = y - y0;
      if (Math.abs(dx) > fine || Math.abs(dy) > fine) {
        add(x, y, share(dx, dy));
        continue;
      }
      let sum = 0;
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) {
          sum += GAUSS_WEIGHTS[i] * GAUSS_WEIGHTS[j] * share(dx + GAUSS_NODES[i], dy + GAUSS_NODES[j]);
        }
      }
      add(x, y, sum);
    }
  }
}
