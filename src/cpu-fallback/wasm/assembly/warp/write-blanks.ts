// Writes the blanks of a cube that stand there only as flags (blank-blocks.ts).
import { BLOCK_SIZE } from '../layout';
import { blankRow } from './warp-rows';

/** `job` holds the addresses of cube and flags, width, height, planes and slots; units are slots of the blocks one after the other. */
export function writeBlanks(job: usize, from: u32, to: u32, _scratch: usize): void {
  const cube = <usize>load<u32>(job);
  const flags = <usize>load<u32>(job, 4);
  const width = load<u32>(job, 8);
  const height = load<u32>(job, 12);
  const planes = load<u32>(job, 16);
  const slots = load<u32>(job, 20);
  const across = (width + BLOCK_SIZE - 1) / BLOCK_SIZE;
  const pitch = <usize>width * 4;
  for (let unit = from; unit < to; unit++) {
    if (load<u8>(flags + unit) == 0) continue;
    const block = unit / slots;
    const x0 = (block % across) * BLOCK_SIZE;
    const y0 = (block / across) * BLOCK_SIZE;
    const rows = min(BLOCK_SIZE, height - y0);
    for (let c: u32 = 0; c < planes; c++) {
      const plane = cube + <usize>((unit % slots) * planes + c) * height * pitch;
      for (let y = y0; y < y0 + rows; y++) {
        blankRow(0, min(BLOCK_SIZE, width - x0), plane + pitch * y + <usize>x0 * 4);
      }
    }
  }
}
