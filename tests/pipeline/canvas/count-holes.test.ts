import { expect, test } from 'vitest';
import { memoryCanvas } from '../../../src/pipeline/canvas/canvas.js';
import { countHoles } from '../../../src/pipeline/canvas/count-holes.js';

test('holes are colours that miss where another is there, on all of the canvas, whoever wrote it', async () => {
  const weight = memoryCanvas(3, 2, 3);
  const row = { x0: 0, y0: 0, width: 3, height: 1 };
  // a whole pixel, one without red and blue, one that nobody has reached
  const earlier = Float32Array.of(1, 0, 0, 1, 2, 0, 1, 0, 0);
  await weight.write(row, earlier);
  expect(await countHoles(weight)).toEqual({ covered: 6, blank: 2 });
  await weight.write({ ...row, y0: 1 }, Float32Array.of(1, 1, 1, 1, 1, 1, 1, 1, 0));
  expect(await countHoles(weight)).toEqual({ covered: 15, blank: 3 });
});
