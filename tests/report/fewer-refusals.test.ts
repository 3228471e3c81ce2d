import { expect, it } from 'vitest';
import type { RunEvent } from '../../src/report/events.js';
import { fewerRefusals } from '../../src/report/fewer-refusals.js';

const refused = (n: number, code: string): RunEvent => ({
  type: 'frame-rejected',
  path: `/in/${code}_${n}.fits`,
  reason: { code, params: {} },
});
const ended: RunEvent = { type: 'phase-finished', phase: 'scan', done: 1, wallMs: 1 };

function screen() {
  const seen: RunEvent[] = [];
  let closed = 0;
  const sink = fewerRefusals({ emit: (event) => seen.push(event), close: () => void closed++ });
  const lines = () =>
    seen.splice(0).map((event) => {
      if (event.type === 'frame-rejected') return event.path;
      return event.type === 'notice' ? event.message : event.type;
    });
  return { sink, lines, closed: () => closed };
}

it('tells of the first files of each reason, and of the others by their number at the end of the phase', () => {
  const { sink, lines } = screen();
  for (let n = 1; n <= 5000; n++) sink.emit(refused(n, 'far'));
  for (let n = 1; n <= 20; n++) sink.emit(refused(n, 'dark'));
  const shown = lines();
  expect(shown).toHaveLength(40);
  expect(shown[19]).toBe('/in/far_20.fits');
  sink.emit(ended);
  const more = (count: number) => ({
    code: 'report_more_refused',
    params: { count, path: '/in/far_20.fits' },
  });
  expect(lines()).toEqual([more(4980), 'phase-finished']);
  // those of a later phase, once
  sink.emit(refused(5001, 'far'));
  sink.emit(ended);
  sink.emit(ended);
  expect(lines()).toEqual([more(1), 'phase-finished', 'phase-finished']);
});

it('tells of them where a run ends in the middle of a phase', () => {
  const { sink, lines, closed } = screen();
  for (let n = 1; n <= 22; n++) sink.emit(refused(n, 'far'));
  lines();
  sink.close();
  expect(lines()).toMatchObject([{ params: { count: 2 } }]);
  expect(closed()).toBe(1);
});

it('counts a file once, however often a run plans anew', () => {
  const { sink, lines } = screen();
  for (let plan = 0; plan < 3; plan++) for (let n = 1; n <= 25; n++) sink.emit(refused(n, 'far'));
  sink.emit(ended);
  expect(lines().filter((line) => typeof line === 'object')).toMatchObject([{ params: { count: 5 } }]);
  for (let n = 1; n <= 25; n++) sink.emit(refused(n, 'far'));
  sink.emit(ended);
  expect(lines().filter((line) => typeof line === 'object')).toEqual([]);
});
