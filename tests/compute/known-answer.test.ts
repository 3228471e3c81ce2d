// The known answer holds on every backend, and each kernel that computes wrongly is found by name.
import { describe, expect, it } from 'vitest';
import type { ComputeBackend } from '../../src/compute/backend.js';
import { kernelStems } from '../../src/compute/contracts/index.js';
import { wrongAnswers } from '../../src/compute/known-answer.js';
import { createReferenceBackend } from '../../src/cpu-fallback/reference-backend.js';
import { forEachBackend } from '../helpers/backends.js';

forEachBackend((backend) => {
  it('gives every known answer and leaves nothing resident', async () => {
    expect(await wrongAnswers(backend())).toEqual([]);
    expect(backend().resident()).toEqual({ handles: 0, bytes: 0 });
  });
});

/** A backend that leaves one kernel out. */
function without(stem: string): ComputeBackend {
  const backend = createReferenceBackend();
  const submit = backend.submit.bind(backend);
  backend.submit = (program) =>
    submit({ ...program, ops: program.ops.filter((op) => op.op !== 'kernel' || op.stem !== stem) });
  return backend;
}

describe('a backend that does nothing for one kernel', () => {
  for (const stem of kernelStems) {
    it(`is found out: ${stem}`, async () => {
      expect(await wrongAnswers(without(stem))).toEqual([stem]);
    });
  }
});
