// Keys of the reference program's zemosaic_config.json that this program adopts with a part that it does not have
// yet. They are kept in the file as they are and named when present, so that nobody believes them in effect.
import type { Feature } from './row.js';

const PLANNED: Readonly<Record<Feature, readonly string[]>> = {
  integration: ['two_pass_cov_gain_clip', 'altaz_margin_percent', 'altaz_decay'],
};

const FEATURE_OF: ReadonlyMap<string, Feature> = new Map(
  Object.entries(PLANNED).flatMap(([feature, keys]) => keys.map((key) => [key, feature as Feature] as const)),
);

/** All planned keys with the part of the program that they belong to, in the order of the documentation. */
export const PLANNED_KEYS: readonly (readonly [string, Feature])[] = [...FEATURE_OF];

/** The part that a planned key belongs to, or undefined. */
export function plannedFeature(key: string): Feature | undefined {
  return FEATURE_OF.get(key);
}

/** Spellings of the reference program (its window and its command line) and the key that they mean here. */
export const LEGACY_SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['input_folder', 'input_dir'],
  ['output_folder', 'output_dir'],
  ['logging_level', 'log_level'],
]);
