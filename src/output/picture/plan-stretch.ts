// The stretch of a picture: its colours by its stars and its darkest places, then the curve. What is kept of the image lies in memory that has served.
import { withPasses, type SamplePasses } from '../../simd/sample-passes.js';
import { bytesOfTurn, eachTurnIn, type PictureRows } from './picture-rows.js';
import { neutralSky } from './sky-colour.js';
import { MAX_SAMPLE, skyLevel, type SkyLevel } from './sky-statistics.js';
import { gainsOf, GREEN, GreenLights } from './star-balance.js';
import { aroundRank, MAX_LIGHTS, stretchBy, type Colours, type Lights } from './stretch.js';
import type { Stretch, StretchOptions } from './stretch.js';

/** Chooses the stretch of an image. One without one valid pixel gets a stretch that shows black. */
export function planStretch(image: PictureRows, options: StretchOptions = {}): Promise<Stretch> {
  return withPasses(async (room) => {
    const planes = Array.from({ length: image.planes }, (_, plane) => plane);
    const samples = planes.map(() => new ThinnedSample(room, image));
    const lights = planes.map(() => new Thinned(room, image, MAX_LIGHTS));
    const greens = options.starBalance === false ? undefined : new GreenLights(room, image);
    const at = room.take(bytesOfTurn(image.nx));
    for (const plane of planes) {
      const green = plane === GREEN && greens?.isKnown ? greens : undefined;
      await eachTurnIn(room, at, image, plane, (y0, rows) => {
        samples[plane].take(at, y0 * image.nx, rows * image.nx);
        lights[plane].take(at, y0 * image.nx, rows * image.nx);
        green?.take(at, y0, rows);
      });
    }
    const levels = samples.map((sample) => skyIn(room, sample.sorted()));
    const gains = greens ? await gainsOf(room, image, levels, greens) : levels.map(() => 1);
    const colours = { sky: options.sky ?? (await neutralSky(image, levels)), gains };
    return stretchBy(luminance(room, lights, colours), colours, options);
  });
}

/** The sky of an ascending sample in the memory of the room. */
const skyIn = ({ passes }: SamplePasses, sorted: Float32Array): SkyLevel =>
  skyLevel(sorted, ({ byteOffset, length }, width) => passes.densestMean(byteOffset, length, width));

/** The luminances of pixels of planes, which lie in the place of the first one then. */
function luminance(room: SamplePasses, planes: readonly Thinned[], { sky, gains }: Colours): Lights {
  const { passes } = room;
  const [a, b = a, c = a] = planes;
  const [skyA, skyB = skyA, skyC = skyA] = sky;
  // planes that are not there count nothing
  const [gainA, gainB = 0, gainC = 0] = planes.map((_, p) => gains[p] / planes.length);
  // prettier-ignore
  const count = passes.luminances(a.at, b.at, c.at, a.length, skyA, skyB, skyC, gainA, gainB, gainC, a.at);
  const sample = new ThinnedSample(room, { nx: count, ny: 1 });
  sample.take(a.at, 0, count);
  const belowAt = room.take(4);
  const [withinAt, spare] = [room.take(4 * count), room.take(8 * count)];
  const sorted = sample.sorted();
  return {
    ...{ count, sorted },
    sky: () => skyIn(room, sorted),
    ranked(rank) {
      const [low, high] = aroundRank(sorted, count, rank);
      const within = passes.valuesBetween(a.at, count, low, high, belowAt, withinAt);
      const [below] = new Uint32Array(room.buffer, belowAt, 1);
      const isEnclosed = rank >= below && rank < below + within;
      return isEnclosed
        ? passes.rankOfFloats(withinAt, within, rank - below, spare)
        : passes.rankOfFloats(a.at, count, rank, spare);
    },
  };
}

/** Up to `most` pixels of a plane at a regular step, in the memory of the room. */
class Thinned {
  readonly length: number;
  readonly at: number;
  readonly #step: number;

  constructor(
    private readonly room: SamplePasses,
    { nx, ny }: Pick<PictureRows, 'nx' | 'ny'>,
    most: number,
  ) {
    this.#step = Math.max(1, Math.ceil((nx * ny) / most));
    this.length = Math.ceil((nx * ny) / this.#step);
    this.at = room.take(4 * this.length);
  }

  /** `count` values (f32) at `values` begin with pixel `from`. */
  take(values: number, from: number, count: number): void {
    const n = Math.ceil(from / this.#step);
    const first = n * this.#step - from;
    this.room.passes.thinned(values, count, first, this.#step, this.at + 4 * n);
  }
}

/** The finite ones of up to 2^14 pixels, of a plane that comes in its order. */
class ThinnedSample {
  readonly #step: number;
  readonly #at: number;
  #length = 0;

  constructor(
    private readonly room: SamplePasses,
    { nx, ny }: Pick<PictureRows, 'nx' | 'ny'>,
  ) {
    this.#step = Math.max(1, Math.ceil((nx * ny) / MAX_SAMPLE));
    this.#at = room.take(4 * Math.ceil((nx * ny) / this.#step));
  }

  take(values: number, from: number, count: number): void {
    const first = Math.ceil(from / this.#step) * this.#step - from;
    const to = this.#at + 4 * this.#length;
    this.#length += this.room.passes.thinnedFinite(values, count, first, this.#step, to);
  }

  sorted(): Float32Array {
    return new Float32Array(this.room.buffer, this.#at, this.#length).sort();
  }
}
