// The filtered image of a frame, by the quickest way that its samples allow.
import type { DetectionImage } from './detection-image.js';
import type { DetectionScratch } from './detection-scratch.js';
import { FilteredIntegers } from './filtered-integers.js';
import { FilteredSamples } from './filtered-samples.js';
import type { FilteredImage, MatchedFilter } from './matched-filter.js';

/** It lies in `scratch` and holds until its next use. */
export function filterImage(
  image: DetectionImage,
  filter: MatchedFilter,
  scratch: DetectionScratch,
): FilteredImage {
  const { planes } = image.frame;
  const [plane] = planes;
  return planes.length > 1 || plane instanceof Float32Array
    ? new FilteredSamples(image, filter, scratch)
    : new FilteredIntegers(image, plane, filter, scratch);
}
