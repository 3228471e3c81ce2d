// The shape of the product: crops keep pixels and sky as they are, scales keep light, projections keep places.
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseWcs } from '../../src/astrometry/wcs/parse-wcs.js';
import type { ConfigKey } from '../../src/config/table.js';
import type { SessionTruth } from '../../src/demo/session-truth.js';
import { openFits } from '../../src/fits/open-fits.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { centroid, makeSmallSession, readPlane, run } from './support.js';

const folder = temporaryFolderForFile();
const at = (...parts: string[]) => path.join(folder(), ...parts);
let truth: SessionTruth;

async function made(name: string, extra: Partial<Record<ConfigKey, string | boolean>> = {}) {
  const { report } = await run({
    input_dir: at('session'),
    output_dir: at(name),
    runtime_temp_dir: at('tmp'),
    stacking_rejection_algorithm: 'none',
    few_frames_guard: false,
    ...extra,
  });
  const science = path.join(at(name), 'zemosaic_science.fits');
  const fits = await openFits(science);
  const { header } = fits.hdus[0];
  await fits.close();
  const [values, coverage, sigma] = await Promise.all([
    readPlane(science, 1),
    readPlane(science, 0, 'COVERAGE'),
    readPlane(science, 1, 'UNCERTAINTY'),
  ]);
  return { report, header, wcs: parseWcs(header), values, coverage, sigma };
}

/** Bright stars of the truth that lie well inside an image, 0-based. */
function starsOn({ wcs, values }: Awaited<ReturnType<typeof made>>, margin: number) {
  return truth.stars
    .filter(({ fluxAdu }) => fluxAdu[1] > 20_000)
    .flatMap((star) => {
      const p = wcs.skyToPixel(star.raDeg, star.decDeg);
      if (!p) return [];
      const [x, y] = [p[0] - 1, p[1] - 1];
      const inside = x > margin && y > margin && x < values.nx - 1 - margin && y < values.ny - 1 - margin;
      return inside ? [{ ...star, x, y }] : [];
    });
}

/** Of the values that are numbers. */
function median(values: readonly number[]): number {
  const known = values.filter((v) => !Number.isNaN(v)).sort((a, b) => a - b);
  return known[known.length >> 1];
}

let plain: Awaited<ReturnType<typeof made>>;

beforeAll(async () => {
  truth = await makeSmallSession(at('session'), { panels: [1, 1], subs: 4, size: [160, 200], extras: false });
  plain = await made('plain');
}, 240_000);

describe('crops', () => {
  it('the largest covered rectangle is a window of the whole, its sky the same', async () => {
    const inner = await made('inner', {
      global_wcs_autocrop_enabled: true,
      global_wcs_autocrop_shape: 'inner',
    });
    const output = inner.report.output!;
    const [x0, y0] = [output.first_column_px, output.first_row_px];
    expect([inner.values.nx, inner.values.ny]).toEqual([output.width_px, output.height_px]);
    expect(inner.report.grid!.width_px).toBe(plain.values.nx);
    expect(inner.values.nx * inner.values.ny).toBeGreaterThan(0.5 * 160 * 200);
    for (const part of ['values', 'sigma', 'coverage'] as const) {
      const [window, whole] = [inner[part], plain[part]];
      let blank = 0;
      for (let y = 0; y < window.ny; y++) {
        for (let x = 0; x < window.nx; x++) {
          const [a, b] = [window.data[y * window.nx + x], whole.data[(y + y0) * whole.nx + x + x0]];
          if (!Object.is(a, b)) expect([part, x, y, a]).toEqual([part, x, y, b]);
          if (Number.isNaN(a)) blank++;
        }
      }
      expect(blank).toBe(0);
    }
    expect(inner.wcs.pixelToSky(1, 1)).toEqual(plain.wcs.pixelToSky(1 + x0, 1 + y0));
    expect(inner.header.get('ZMCANVX')).toBe(x0);
    expect(inner.report.product!.channels).toEqual(plain.report.product!.channels);
    expect(inner.report.notices.map(({ code }) => code)).toContain('pipeline_cropped');
  }, 240_000);

  it('edges of frames that are left out change nothing inside', async () => {
    const cut = await made('cut', {
      apply_master_tile_crop: true,
      master_tile_crop_percent: '10',
      // where frames overlap says how they are matched: left as they are, samples are the same
      stacking_normalize_method: 'none',
    });
    const raw = await made('raw', { stacking_normalize_method: 'none' });
    const covered = (map: { data: Float32Array }) => map.data.filter((count) => count > 0).length;
    expect(covered(cut.coverage) / covered(raw.coverage)).toBeGreaterThan(0.6);
    expect(covered(cut.coverage) / covered(raw.coverage)).toBeLessThan(0.7);
    // the same stars, by the sky
    const stars = starsOn(cut, 12);
    expect(stars.length).toBeGreaterThan(2);
    const [ratios, shifts]: number[][] = [[], []];
    for (const star of stars) {
      const other = raw.wcs.skyToPixel(star.raDeg, star.decDeg)!;
      const [a, b] = [centroid(cut.values, star.x, star.y), centroid(raw.values, other[0] - 1, other[1] - 1)];
      ratios.push(a.flux / b.flux);
      shifts.push(Math.hypot(a.x - star.x - (b.x - other[0] + 1), a.y - star.y - (b.y - other[1] + 1)));
    }
    expect(Math.abs(median(ratios) - 1)).toBeLessThan(0.03);
    expect(median(shifts)).toBeLessThan(0.06);
  }, 240_000);
});

describe('borders of alt-azimuth panels', () => {
  it('are blank where fewer than half of the frames lie, and nothing else changes', async () => {
    const cleaned = await made('cleaned', { altaz_cleanup_enabled: true, altaz_unknown_policy: 'on' });
    const notice = cleaned.report.notices.find(({ code }) => code === 'pipeline_altaz_cleaned');
    expect(notice?.params).toMatchObject({ panels: 1 });
    expect(Number(notice!.params.percent)).toBeGreaterThan(1);
    let [kept, blanked, thick] = [0, 0, 0];
    for (let k = 0; k < plain.values.data.length; k++) {
      const count = plain.coverage.data[k];
      if (cleaned.coverage.data[k] > 0) {
        expect(cleaned.values.data[k]).toBe(plain.values.data[k]);
        kept++;
      } else if (count > 0) {
        expect(cleaned.values.data[k]).toBeNaN();
        blanked++;
        if (count >= 3) thick++;
      }
    }
    expect(kept).toBeGreaterThan(0.5 * (kept + blanked));
    // outlines and pixels differ by a pixel along edges
    expect(thick).toBeLessThan(0.05 * blanked + 400);
  }, 240_000);
});

describe('scale', () => {
  it('half as fine: bins of the frames’ scale, the light of stars times the area of a pixel the same', async () => {
    const half = await made('half', { global_wcs_scale_factor: '0.5' });
    expect(half.report.output).toMatchObject({ binning: 2, width_px: half.values.nx });
    expect(half.header.get('ZMPXAREA')).toBeCloseTo(4, 6);
    expect(half.report.output!.pixel_scale_arcsec).toBeCloseTo(
      2 * plain.report.output!.pixel_scale_arcsec,
      6,
    );
    const stars = starsOn(half, 6);
    expect(stars.length).toBeGreaterThan(2);
    const offsets: [number[], number[]] = [[], []];
    let [sum, total] = [0, 0];
    for (const star of stars) {
      const other = plain.wcs.skyToPixel(star.raDeg, star.decDeg)!;
      const small = centroid(half.values, star.x, star.y, 4);
      const large = centroid(plain.values, other[0] - 1, other[1] - 1, 7);
      sum += 4 * small.flux;
      total += large.flux;
      offsets[0].push(small.x - star.x);
      offsets[1].push(small.y - star.y);
    }
    // a bin begins at the edge of its first pixel: half a pixel too much were 0.25
    for (const axis of offsets) expect(Math.abs(median(axis))).toBeLessThan(0.08);
    // the squares that are summed are not of one size: 2 % of the light of wide stars
    expect(Math.abs(sum / total - 1)).toBeLessThan(0.03);
    // the level of the sky is that of its surface brightness
    const typical = ({ data }: { data: Float32Array }) => median([...data]);
    expect(Math.abs(typical(half.values) - typical(plain.values))).toBeLessThan(0.5 * typical(plain.sigma));
    expect(typical(half.sigma) / typical(plain.sigma)).toBeGreaterThan(0.6);
    expect(typical(half.sigma) / typical(plain.sigma)).toBeLessThan(0.9);
  }, 240_000);
});

describe('projection', () => {
  it('of equal area, turned and finer: stars stand where the WCS says', async () => {
    const turned = await made('turned', {
      global_wcs_projection: 'zea',
      global_wcs_orientation: 'angle',
      global_wcs_angle_deg: '30',
      global_wcs_scale_factor: '1.5',
    });
    expect(turned.header.get('CTYPE1')).toBe('RA---ZEA');
    expect(turned.report.grid).toMatchObject({ projection: 'ZEA' });
    expect(turned.report.grid!.rotation_deg).toBeCloseTo(30, 9);
    const stars = starsOn(turned, 10);
    expect(stars.length).toBeGreaterThan(2);
    const distances = stars.map((star) => {
      const found = centroid(turned.values, star.x, star.y, 6);
      return Math.hypot(found.x - star.x, found.y - star.y);
    });
    expect(median(distances)).toBeLessThan(0.15);
  }, 240_000);
});
