import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { overlapped } from '../../../src/pipeline/integrate/overlapped.js';

/** What has happened, and a way to let each thing end. */
function bench() {
  const told: string[] = [];
  const ends = new Map<string, (failure?: Error) => void>();
  const until = (name: string) =>
    new Promise<void>((resolve, reject) => {
      told.push(name);
      ends.set(name, (failure) => (failure ? reject(failure) : resolve()));
    });
  const onItsWay: (() => void)[] = [];
  const run = overlapped(
    3,
    async (turn, isOnItsWay) => {
      onItsWay[turn] = isOnItsWay;
      await until(`compute ${turn}`);
      return turn;
    },
    (turn) => until(`finish ${turn}`),
  );
  const end = async (name: string, failure?: Error) => {
    ends.get(name)!(failure);
    await setImmediate();
  };
  return { told, run, end, onItsWay };
}

describe('cells one after the other', () => {
  it('begin when the one before is on its way and the one before that is finished', async () => {
    const { told, run, end, onItsWay } = bench();
    onItsWay[0]();
    await setImmediate();
    expect(told).toEqual(['compute 0', 'compute 1']);
    onItsWay[1]();
    await setImmediate();
    expect(told).not.toContain('compute 2');
    await end('compute 1');
    expect(told).not.toContain('finish 1');
    await end('compute 0');
    await end('finish 0');
    expect(told.slice(0, 3)).toEqual(['compute 0', 'compute 1', 'finish 0']);
    expect(told.slice(3).sort()).toEqual(['compute 2', 'finish 1']);
    for (const name of ['finish 1', 'compute 2', 'finish 2']) await end(name);
    await run;
  });

  it('fail with the first failure when nothing is under way any more', async () => {
    const { told, run, end, onItsWay } = bench();
    let failure: unknown;
    const failed = run.catch((error: unknown) => (failure = error));
    onItsWay[0]();
    await setImmediate();
    await end('compute 0');
    await end('finish 0', new Error('the disk is full'));
    await end('compute 1');
    await failed;
    expect(failure).toMatchObject({ message: 'the disk is full' });
    expect(told).not.toContain('compute 2');
  });
});
