// The catalogue stars that any of a set of frames may show, each once.
import { allocateStars, pickStars, type CatalogueStars } from '../catalogue/catalogue-stars.js';
import type { StarCatalogue } from '../catalogue/star-catalogue.js';
import { DEG_TO_RAD } from '../wcs/angles.js';
import { vectorSeparationDeg, type UnitVector } from '../wcs/sphere.js';

/** Queries reach so much beyond their frame that its dithered neighbours need none of their own, in frame radii. */
const SHARED = 0.5;
/** Catalogue stars looked at within a frame's circle, the brightest of each square degree. */
const STARS_A_FRAME = 1500;

export interface FrameCircle {
  readonly centre: UnitVector;
  /** Radians. */
  readonly radius: number;
}

/** In the order of the frames' circles. `epoch` in Julian years. */
export function catalogueAround(
  catalogue: StarCatalogue,
  frames: readonly FrameCircle[],
  epoch: number | undefined,
): CatalogueStars {
  const asked: FrameCircle[] = [];
  const parts: CatalogueStars[] = [];
  for (const { centre, radius } of frames) {
    const covered = asked.some(
      (circle) =>
        vectorSeparationDeg(circle.centre, centre) * DEG_TO_RAD + radius <= (1 + SHARED) * circle.radius,
    );
    if (covered) continue;
    asked.push({ centre, radius });
    const areaDeg2 = Math.PI * (radius / DEG_TO_RAD) ** 2;
    const perCell = Math.max(10, Math.ceil(STARS_A_FRAME / areaDeg2));
    parts.push(
      catalogue.cone(centre, Math.min(Math.PI, (1 + SHARED) * radius), {
        perCell,
        ...(epoch === undefined ? {} : { epoch }),
      }),
    );
  }
  const seen = new Set<number>();
  return joined(
    parts.map((part) =>
      pickStars(
        part,
        Array.from({ length: part.count }, (_, i) => i).filter((i) => {
          if (seen.has(part.index[i])) return false;
          seen.add(part.index[i]);
          return true;
        }),
      ),
    ),
  );
}

function joined(parts: readonly CatalogueStars[]): CatalogueStars {
  const all = allocateStars(parts.reduce((sum, { count }) => sum + count, 0));
  let at = 0;
  for (const { count, x, y, z, vt, colour, poor, index } of parts) {
    all.x.set(x, at);
    all.y.set(y, at);
    all.z.set(z, at);
    all.vt.set(vt, at);
    all.colour.set(colour, at);
    all.poor.set(poor, at);
    all.index.set(index, at);
    at += count;
  }
  return all;
}
