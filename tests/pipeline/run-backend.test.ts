// Who computes when a backend fails under several works at once.
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ComputeBackend, Program } from '../../src/compute/backend.js';
import { BackendSelectionError } from '../../src/compute/select.js';
import { createReferenceBackend } from '../../src/cpu-fallback/reference-backend.js';
import type { ChosenBackend } from '../../src/pipeline/backend-provider.js';
import { RunBackend } from '../../src/pipeline/run-backend.js';
import { StageLedger } from '../../src/pipeline/stage-ledger.js';
import type { RunEvent } from '../../src/report/events.js';
import { losingBackend } from '../helpers/failing-backend.js';

const nothing: Program = { label: 'nothing', ops: [] };

/** Fails from its submission `at` on; who replaces it takes as long to open as devices do. */
function runOn(at: number, next: () => ComputeBackend = createReferenceBackend) {
  const events: RunEvent[] = [];
  const all: (ComputeBackend & { closed: number })[] = [];
  const watched = (backend: ComputeBackend) => {
    const made = {
      ...backend,
      closed: 0,
      submit: async (program: Program) => {
        await setTimeout(2);
        return backend.submit(program);
      },
      close: () => {
        made.closed++;
        return backend.close();
      },
    };
    made.supports = (stem) => backend.supports(stem);
    made.resident = () => backend.resident();
    made.takeProfile = () => backend.takeProfile();
    all.push(made);
    return made;
  };
  const successor = async (): Promise<ChosenBackend> => {
    await setTimeout(20);
    return { backend: watched(next()), notices: [], successor };
  };
  const chosen = { backend: watched(losingBackend(createReferenceBackend(), at)), notices: [], successor };
  const sink = { emit: (event: RunEvent) => void events.push(event) };
  const computing = new RunBackend(chosen, sink, new StageLedger(), new AbortController().signal);
  const submit = () => computing.use((backend) => backend.submit(nothing).then(() => backend));
  return { computing, events, all, submit };
}

describe('a backend that fails', () => {
  it('under works side by side is replaced once, and closed once; those that come meanwhile wait', async () => {
    const { all, events, submit } = runOn(1);
    const works = [submit(), submit(), submit()];
    await setTimeout(10);
    works.push(submit());
    const by = await Promise.all(works);
    expect(all).toHaveLength(2);
    expect(by.slice(1)).toEqual([all[1], all[1], all[1]]);
    expect(all.map(({ closed }) => closed)).toEqual([1, 0]);
    expect(events).toHaveLength(2);
  });

  it('under work within work has both done again', async () => {
    const { computing, all, submit } = runOn(1);
    const by = await computing.use(async (backend) => {
      await backend.submit(nothing);
      await submit();
      await backend.submit(nothing);
      return backend;
    });
    expect(by).toBe(all[1]);
    expect(all).toHaveLength(2);
  });

  it('and has no successor left ends all works', async () => {
    const none = new BackendSelectionError('compute_no_backend', {}, [], []);
    const { submit } = runOn(0, () => {
      throw none;
    });
    const ended = await Promise.allSettled([submit(), submit()]);
    expect(ended).toEqual([1, 2].map(() => ({ status: 'rejected', reason: none })));
  });
});
