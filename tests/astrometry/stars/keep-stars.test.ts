// The list of stars, held against the same rules in plain TypeScript.
import { expect, it } from 'vitest';
import type { DetectionImage } from '../../../src/astrometry/stars/detection-image.js';
import { keepStars, samplePeaks, typical } from '../../../src/astrometry/stars/keep-stars.js';
import { emptySources } from '../../../src/astrometry/stars/sources.js';
import type { Lights, Sources } from '../../../src/astrometry/stars/star-finder.js';
import { medianOf } from '../../../src/photometry/mesh-repair.js';
import { seededRandom } from '../../helpers/kernel-runs.js';

const WIDTH = 400;
const FWHM = 3;

/** Sources of all kinds: too narrow, too wide, saturated, long, without light, and some at one place. */
function field(count: number, channels: number, seed: number): { sources: Sources; lights: Lights } {
  const random = seededRandom(seed);
  const sources = emptySources(count);
  for (let k = 0; k < count; k++) {
    const isTwin = k > 0 && random() < 0.1;
    sources.x[k] = isTwin ? sources.x[k - 1] : WIDTH * random();
    sources.y[k] = isTwin ? sources.y[k - 1] : 300 * random();
    sources.fwhm[k] = FWHM * (0.3 + 2.6 * random() ** 3);
    sources.ellipticity[k] = random() ** 3;
    sources.angle[k] = 0.4 + random();
    sources.snr[k] = 5 + 20 * random();
  }
  const flux = Float64Array.from({ length: channels * count }, () => 1000 * (random() - 0.05));
  return { sources, lights: { flux, saturated: Uint8Array.from(sources.x, () => Number(random() < 0.2)) } };
}

function typicalOf({ snr }: Sources, values: Float64Array, chosen: readonly number[]): number {
  const good = chosen.filter((k) => snr[k] >= 10);
  return medianOf((good.length >= 5 ? good : chosen).map((k) => values[k]));
}

it.each([
  [1, 500, false],
  [3, 700, true],
  [3, 4, false],
])(
  '%d channels, %d sources: those that are stars, each once, the brightest first',
  (channels, count, isCfa) => {
    const { sources, lights } = field(count, channels, 7 + count);
    const level = Array.from({ length: channels }, () => new Float32Array(1));
    const frame = { grid: { level }, cfa: isCfa ? [1, 0, 2, 1] : undefined };
    const image = { width: WIDTH, origin: isCfa ? 1.5 : 1, frame } as unknown as DetectionImage;
    const stars = keepStars(image, sources, lights, FWHM);

    const all = Array.from({ length: count }, (_, k) => k);
    const longest = Math.max(0.6, typicalOf(sources, sources.ellipticity, all) + 0.3);
    const places = new Set<number>();
    const shares = isCfa ? [0.25, 0.5, 0.25] : level.map(() => 1);
    const isStar = (k: number) =>
      (lights.saturated[k] === 1 || (sources.fwhm[k] >= 0.5 * FWHM && sources.fwhm[k] <= 2.5 * FWHM)) &&
      sources.ellipticity[k] <= longest;
    const good = all.filter((k) => lights.saturated[k] === 0 && sources.snr[k] >= 10 && isStar(k));
    const lengths = good.map((k) => -Math.log(1 - sources.ellipticity[k]));
    const sum = (of: (i: number) => number) => good.reduce((total, _, i) => total + of(i), 0);
    const x = sum((i) => lengths[i] * Math.cos(2 * sources.angle[good[i]]));
    const y = sum((i) => lengths[i] * Math.sin(2 * sources.angle[good[i]]));
    const common = (x * x + y * y - sum((i) => lengths[i] ** 2)) / (good.length * (good.length - 1));
    const rounded = good.length < 5 ? 1 : Math.exp(0.1 * common);
    const light = (k: number, c: number) => rounded * lights.flux[k * channels + c];
    const total = (k: number) => shares.reduce((all, share, c) => all + share * light(k, c), 0);
    const kept = all
      .filter((k) => isStar(k))
      .filter((k) => {
        const place = Math.round(sources.y[k]) * WIDTH + Math.round(sources.x[k]);
        const isFirst = !places.has(place);
        places.add(place);
        return isFirst;
      })
      .filter((k) => total(k) > 0)
      .sort((a, b) => total(b) - total(a));
    const clean = kept.filter((k) => lights.saturated[k] === 0);
    const measured = clean.length >= 5 ? clean : kept;

    expect(stars.count).toBe(kept.length);
    const of = (values: ArrayLike<number>) => kept.map((k) => values[k]);
    expect([...stars.x]).toEqual(of(sources.x).map((v) => v + image.origin));
    expect([...stars.y]).toEqual(of(sources.y).map((v) => v + image.origin));
    expect(stars.flux).toEqual(Float32Array.from(kept, total));
    for (let c = 0; c < channels; c++)
      expect(stars.channelFlux[c]).toEqual(Float32Array.from(kept, (k) => light(k, c)));
    expect([...stars.snr]).toEqual(of(sources.snr));
    expect(stars.fwhm).toEqual(Float32Array.from(of(sources.fwhm)));
    expect(stars.ellipticity).toEqual(Float32Array.from(of(sources.ellipticity)));
    expect([...stars.saturated]).toEqual(of(lights.saturated));
    expect(stars.medianFwhm).toBe(typicalOf(sources, sources.fwhm, measured));
    expect(stars.medianEllipticity).toBe(typicalOf(sources, sources.ellipticity, measured));
  },
);

it('of no source there is no list and no median', () => {
  expect(typical(emptySources(0))).toBeNaN();
});

it('a sample of the well exposed peaks is taken evenly from all of them', () => {
  const at = Int32Array.from({ length: 900 }, (_, k) => 1000 + k);
  const snr = Float32Array.from(at, (k) => (k % 3 === 0 ? 9 : 12));
  const good = [...at].filter((_, p) => snr[p] >= 10);
  const sample = samplePeaks({ at, snr }, 200);
  expect([...sample.at]).toEqual(
    Array.from({ length: 200 }, (_, i) => good[Math.floor((i * good.length) / 200)]),
  );
  expect([...sample.snr]).toEqual(Array.from(sample.at, () => 12));
  expect(samplePeaks({ at, snr }, 600).at).toBe(at);
});
