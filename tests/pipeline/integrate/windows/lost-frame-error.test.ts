// A frame that cannot be read is asked for again, after a pause, before it is given up.
import { afterEach, expect, it, vi } from 'vitest';
import { FitsError } from '../../../../src/fits/fits-error.js';
import { LostFrameError, readOfFrame } from '../../../../src/pipeline/integrate/windows/lost-frame-error.js';

afterEach(() => vi.useRealTimers());

const gone = () => new FitsError('fits_cannot_open', { file: '/in/a.fits', reason: 'ESTALE' });

it('comes back after a pause', async () => {
  vi.useFakeTimers();
  const read = vi.fn<() => Promise<string>>().mockRejectedValueOnce(gone()).mockResolvedValue('samples');
  const asked = readOfFrame('/in/a.fits', read);
  await vi.advanceTimersByTimeAsync(0);
  expect(read).toHaveBeenCalledTimes(1);
  await vi.runAllTimersAsync();
  expect(await asked).toBe('samples');
  expect(read).toHaveBeenCalledTimes(2);
});

it('is lost when it does not, and nothing waits for what is no fault of the file', async () => {
  vi.useFakeTimers();
  const read = vi.fn<() => Promise<string>>().mockRejectedValue(gone());
  const asked = expect(readOfFrame('/in/a.fits', read)).rejects.toBeInstanceOf(LostFrameError);
  await vi.runAllTimersAsync();
  await asked;
  const fault = new Error('a fault of the program');
  await expect(readOfFrame('/in/a.fits', () => Promise.reject(fault))).rejects.toBe(fault);
});
