// The options of a demo session with their defaults and rules.
import { CodedError } from '../errors.js';
import type { SessionOptions } from './session-truth.js';

/** Names, so that a refusal can say which option is meant. */
interface Rule {
  readonly option: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
}

/**
 * `options` with every default filled in.
 * @throws CodedError `demo_bad_option` {option, value, min, max, step} for the first one out of its range.
 */
export function sessionOptions(options: SessionOptions): Required<SessionOptions> {
  const chosen: Required<SessionOptions> = {
    panels: options.panels ?? [2, 1],
    subs: options.subs ?? 6,
    size: options.size ?? [480, 640],
    seed: options.seed ?? 1,
    rotationDeg: options.rotationDeg ?? 8,
    overlap: options.overlap ?? 0.25,
    colour: options.colour ?? 'bayer',
    writeWcs: options.writeWcs ?? true,
    extras: options.extras ?? true,
  };
  const rules: Rule[] = [
    ...chosen.panels.map((value) => ({ option: 'panels', value, min: 1, max: 20, step: 1 })),
    { option: 'subs', value: chosen.subs, min: 1, max: 10_000, step: 1 },
    ...chosen.size.map((value) => ({ option: 'size', value, min: 64, max: 10_000, step: 2 })),
    { option: 'seed', value: chosen.seed, min: 0, max: 2 ** 31 - 1, step: 1 },
    { option: 'rotationDeg', value: chosen.rotationDeg, min: -360, max: 360 },
    { option: 'overlap', value: chosen.overlap, min: 0, max: 0.9 },
  ];
  for (const { option, value, min, max, step } of rules) {
    const isOnStep = step === undefined || value % step === 0;
    if (!(value >= min && value <= max && isOnStep)) {
      throw new CodedError('demo_bad_option', { option, value, min, max, step: step ?? 0 });
    }
  }
  return chosen;
}
