// The quickest way to seek stars that a frame's samples allow.
import type { DetectionImage } from './detection-image.js';
import type { DetectionScratch } from './detection-scratch.js';
import { IntegerFinder } from './integer-finder.js';
import type { MatchedFilter } from './matched-filter.js';
import { SampleFinder } from './sample-finder.js';
import type { StarFinder } from './star-finder.js';

/** It lies in `scratch` and holds until its next use. */
export function chooseFinder(
  image: DetectionImage,
  filter: MatchedFilter,
  scratch: DetectionScratch,
): StarFinder {
  const { planes } = image.frame;
  const [plane] = planes;
  return planes.length > 1 || plane instanceof Float32Array
    ? new SampleFinder(image, filter, scratch)
    : new IntegerFinder(image, plane, filter, scratch);
}
