import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { sideBySide } from '../../src/pipeline/side-by-side.js';

/** Works that end when they are told to. */
function works(count: number) {
  const ends = Array.from({ length: count }, () => {
    let [resolve, reject]: [(value: string) => void, (error: Error) => void] = [
      () => undefined,
      () => undefined,
    ];
    const promise = new Promise<string>((...both) => ([resolve, reject] = both));
    return { promise, resolve, reject };
  });
  const begun: number[] = [];
  const work = (_: unknown, index: number): Promise<string> => {
    begun.push(index);
    return ends[index].promise;
  };
  return { ends, begun, work, items: ends };
}

const turns = async () => {
  for (let i = 0; i < 10; i++) await setImmediate();
};

it('hands over in order what ends in any order, each as soon as all before it are there', async () => {
  const { ends, begun, work, items } = works(4);
  const told: string[] = [];
  const run = sideBySide(items, 2, work, async (result, index) => {
    await setImmediate();
    told.push(`${index} ${result}`);
  });
  await turns();
  expect(begun).toEqual([0, 1]);
  ends[1].resolve('b');
  await turns();
  expect([begun, told]).toEqual([[0, 1, 2], []]);
  ends[0].resolve('a');
  await turns();
  expect([begun, told]).toEqual([
    [0, 1, 2, 3],
    ['0 a', '1 b'],
  ]);
  ends[3].resolve('d');
  ends[2].resolve('c');
  await run;
  expect(told).toEqual(['0 a', '1 b', '2 c', '3 d']);
});

it.each(['work', 'each'])('an error of %s ends it once what has begun is through', async (where) => {
  const { ends, begun, work, items } = works(5);
  let isOver = false;
  const run = sideBySide(items, 2, work, () => {
    if (where === 'each') throw new Error('broken');
  });
  const end = expect(run.finally(() => (isOver = true))).rejects.toThrow('broken');
  await turns();
  if (where === 'each') ends[0].resolve('a');
  else ends[0].reject(new Error('broken'));
  await turns();
  expect(isOver).toBe(false);
  ends[1].resolve('b');
  await end;
  expect(begun).toEqual([0, 1]);
});

it('does nothing where there is nothing to do', async () => {
  const { begun, work, items } = works(0);
  await sideBySide(items, 4, work, () => undefined);
  expect(begun).toEqual([]);
});
