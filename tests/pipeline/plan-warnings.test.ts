// Parts without common sky: the user hears of them, and of those that show no plain sky of their own.
import { expect, it } from 'vitest';
import type { LevelSolution } from '../../src/photometry/levels/level-solve.js';
import { noteApartGains, warnOfIslands } from '../../src/pipeline/account/plan-warnings.js';
import type { LevelEvidence, SkyGauge } from '../../src/pipeline/planning/sky/sky-gauge.js';
import type { RunEvent } from '../../src/report/events.js';

function heard(...channels: LevelEvidence[][]): RunEvent[] {
  const events: RunEvent[] = [];
  const gauges = channels.map((parts) =>
    parts.map((levelEvidence) => ({ levelEvidence }) as Partial<SkyGauge> as SkyGauge),
  );
  const solutions = channels.map(
    ({ length }) => ({ components: length }) as Partial<LevelSolution> as LevelSolution,
  );
  warnOfIslands({ emit: (event) => void events.push(event) }, { solutions, gauges });
  return events;
}
const islands = { type: 'warning', message: { code: 'pipeline_islands', params: { parts: 2 } } };

it('one part needs no warning', () => {
  expect(heard(['overlaps'])).toEqual([]);
});

it('parts that show their sky are levelled by it', () => {
  expect(heard(['plain_sky', 'plain_sky'])).toEqual([islands]);
});

it('a part that shows none in some channel is counted once', () => {
  const dark = { code: 'pipeline_islands_without_sky', params: { count: 1 } };
  expect(heard(['plain_sky', 'darkest_places'], ['plain_sky', 'darkest_places'])).toEqual([
    islands,
    { type: 'warning', message: dark },
  ]);
});

it('a frame of which no sky was measured is no part', () => {
  expect(heard(['overlaps', 'no_sky'], ['overlaps', 'no_sky'])).toEqual([]);
  expect(heard(['plain_sky', 'no_sky', 'plain_sky'])).toEqual([islands]);
});

it('parts without common stars are told of, where no channel ties them', () => {
  const events: RunEvent[] = [];
  const channel = (...component: number[]) => ({
    gains: Float64Array.from([1, 1.1, 0.9, NaN]),
    residualScale: 1,
    component: Int32Array.from(component),
  });
  const sink = { emit: (event: RunEvent) => void events.push(event) };
  const group = Int32Array.of(0, 0, 1, 1);
  noteApartGains(sink, { gains: [channel(0, 0, 1, 2), channel(0, 0, 0, 1)] }, group);
  noteApartGains(sink, { gains: [{ gains: Float64Array.of(1, 1), residualScale: 1 }] }, group);
  noteApartGains(sink, { gains: [] }, group);
  expect(events).toEqual([]);
  noteApartGains(sink, { gains: [channel(0, 0, 1, 2), channel(0, 0, 1, 2)] }, group);
  expect(events).toEqual([
    { type: 'notice', message: { code: 'pipeline_gains_apart', params: { parts: 2 } } },
  ]);
});

it.each<[string, number[], number[], number | undefined]>([
  ['single frames side by side that share too few stars', [NaN, NaN, NaN], [0, 1, 2], 3],
  ['a single frame beside a panel', [1, 1.1, NaN], [0, 0, 1], 2],
  ['a clouded frame of a panel', [1, 1.1, NaN], [0, 0, 0], undefined],
  ['one panel without stars', [NaN, NaN, NaN], [0, 0, 0], undefined],
])('of %s', (_, gains, group, parts) => {
  const events: RunEvent[] = [];
  const component = Int32Array.from(gains, (gain, f) => (Number.isNaN(gain) ? 1 + f : 0));
  const solution = { gains: Float64Array.from(gains), residualScale: 1, component };
  noteApartGains({ emit: (event) => void events.push(event) }, { gains: [solution] }, Int32Array.from(group));
  expect(events.map((event) => 'message' in event && event.message.params)).toEqual(parts ? [{ parts }] : []);
});
