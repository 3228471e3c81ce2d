// What a call moves is told by what it looks at, not by the length of the buffers that it is given.
import { expect, it } from 'vitest';
import { contracts, kernelStems } from '../../src/compute/contracts/index.js';
import type { KernelContract } from '../../src/compute/contract.js';
import { trafficBytes } from '../../src/compute/traffic.js';

it.each(kernelStems.filter((stem) => 'slot' in contracts[stem].params))(
  '%s moves the bytes of one slot, however many the cube has',
  (stem) => {
    const contract = contracts[stem] as unknown as KernelContract;
    const params = Object.fromEntries(Object.keys(contract.params).map((name) => [name, 3]));
    const few = trafficBytes(contract, params);
    expect(few).toBeGreaterThan(0);
    expect(trafficBytes(contract, { ...params, slots: 3000, slot: 2000, frame: 2000 })).toBe(few);
  },
);

it('a stack moves the whole cube', () => {
  const contract = contracts['stack-mean'] as unknown as KernelContract;
  const [pixels, planes, slots] = [100, 3, 7];
  const weights = slots * planes;
  const outputs = 5 * planes * pixels;
  expect(trafficBytes(contract, { pixels, planes, slots })).toBe(
    4 * (slots * planes * pixels + weights + outputs),
  );
});
