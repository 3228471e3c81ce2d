// What a run reports of a plan that was made twice: the second one's facts, the time of both, and what holds for either.
import { expect, it } from 'vitest';
import type { CodedMessage } from '../../src/config/errors.js';
import { runDirectories } from '../../src/config/directories.js';
import { RunRecorder } from '../../src/pipeline/account/run-recorder.js';
import { configOf } from '../end-to-end/support.js';

it('a plan that comes to nothing leaves its time and what holds for the next', () => {
  const config = configOf({ input_dir: 'in', output_dir: 'out' });
  const recorder = new RunRecorder(config, runDirectories(config), '1');
  const message = (code: string): CodedMessage => ({ code, params: {} });
  const assembly = (wallMs?: number) => {
    recorder.emit({ type: 'phase-started', phase: 'assembly', unit: 'cells', total: 1 });
    if (wallMs !== undefined) recorder.emit({ type: 'phase-finished', phase: 'assembly', done: 1, wallMs });
  };
  recorder.emit({ type: 'warning', message: message('before') });
  const told = recorder.told();
  const failed = message('device');
  for (const of of [failed, message('of the plan')]) recorder.emit({ type: 'warning', message: of });
  recorder.evened({} as never);
  assembly(40);
  recorder.forgetSince(told, [failed]);
  assembly();
  recorder.forgetSince(told, [failed]);
  assembly(60);
  const { warnings, two_pass, device_time } = recorder.finish('run', undefined);
  expect(warnings).toEqual([message('before'), failed]);
  expect(two_pass).toBeUndefined();
  expect(device_time!.assembly_ms).toBeGreaterThan(100);
  expect(device_time!.assembly_ms).toBeLessThan(5000);
});
