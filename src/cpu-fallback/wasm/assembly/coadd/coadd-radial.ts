// Kernel coadd-radial (src/compute/contracts/coadd-radial.ts); units are rows of the cell. The scratch holds the polynomials of a block's columns, then the weights of a row.
import { BLANK_LIMIT, BLOCK_SIZE, CoaddRadialJob as Job, MAP_STRIDE, RADIAL_TABLE_SIZE } from '../layout';
import { blockPolynomials, polynomial } from '../warp/warp-positions';

const COLUMNS: usize = BLOCK_SIZE * 4;
const HALF: f32 = <f32>(BLOCK_SIZE / 2);
const CENTRE: f32 = (<f32>BLOCK_SIZE - 1) / 2;
/** Behind the polynomials. */
const RADIAL: usize = 6 * COLUMNS;

export function coaddRadial(job: usize, from: u32, to: u32, scratch: usize): void {
  const width = Job.width(job);
  const planes = Job.planes(job);
  const pixels = <usize>width * Job.height(job);
  const blocksAcross = (width + BLOCK_SIZE - 1) / BLOCK_SIZE;
  for (let y = from; y < to; y++) {
    for (let b: u32 = 0; b < blocksAcross; b++) {
      const start = b * BLOCK_SIZE;
      const columns = min(BLOCK_SIZE, width - start);
      const block = Job.map_at(job) + (<usize>(y / BLOCK_SIZE) * blocksAcross + b) * MAP_STRIDE * 4;
      blockPolynomials(block, scratch);
      rowWeights(job, block, y % BLOCK_SIZE, columns, scratch);
      const first = (<usize>y * width + start) * 4;
      for (let c: u32 = 0; c < planes; c++) addRow(job, c, first, columns, pixels, scratch);
    }
  }
}

/** The table's weights of the columns of a row. */
function rowWeights(job: usize, block: usize, row: u32, columns: u32, scratch: usize): void {
  const v = f32x4.splat((<f32>row - CENTRE) / HALF);
  const fromX = f32x4.splat(load<f32>(block) - Job.centreX(job));
  const fromY = f32x4.splat(load<f32>(block, 4) - Job.centreY(job));
  const scale = f32x4.splat(Job.invRadius(job));
  const one = f32x4.splat(1);
  const size = f32x4.splat(<f32>RADIAL_TABLE_SIZE);
  const table = Job.radial_at(job);
  for (let i: usize = 0; i < columns; i += 4) {
    const at = scratch + i * 4;
    const x = f32x4.add(fromX, polynomial(at, v));
    const y = f32x4.add(fromY, polynomial(at + 3 * COLUMNS, v));
    const distance = f32x4.sqrt(f32x4.add(f32x4.mul(x, x), f32x4.mul(y, y)));
    const place = f32x4.mul(f32x4.pmin(one, f32x4.mul(distance, scale)), size);
    const entry = i32x4.trunc_sat_f32x4_s(place);
    const rest = f32x4.sub(place, f32x4.convert_i32x4_s(entry));
    const e0 = table + (<usize>i32x4.extract_lane(entry, 0) << 2);
    const e1 = table + (<usize>i32x4.extract_lane(entry, 1) << 2);
    const e2 = table + (<usize>i32x4.extract_lane(entry, 2) << 2);
    const e3 = table + (<usize>i32x4.extract_lane(entry, 3) << 2);
    const below = lanes(e0, e1, e2, e3);
    const above = lanes(e0 + 4, e1 + 4, e2 + 4, e3 + 4);
    v128.store(at, f32x4.add(below, f32x4.mul(rest, f32x4.sub(above, below))), RADIAL);
  }
}

// @ts-ignore: decorator
@inline
function lanes(a: usize, b: usize, c: usize, d: usize): v128 {
  const low = v128.load32_lane(b, v128.load32_zero(a), 1);
  return v128.load32_lane(d, v128.load32_lane(c, low, 2), 3);
}

function addRow(job: usize, c: u32, first: usize, columns: u32, pixels: usize, scratch: usize): void {
  const slotPlane = <usize>Job.slot(job) * Job.planes(job) + c;
  const frameWeight = load<f32>(Job.frame_weights_at(job) + slotPlane * 4);
  const samples = Job.cube_at(job) + slotPlane * pixels * 4 + first;
  const place = <usize>c * pixels * 4 + first;
  const mean = Job.mean_at(job) + place;
  const sum = Job.sum_at(job) + place;
  const weight = Job.weight_at(job) + place;
  const square = Job.square_at(job) + place;
  const radial = scratch + RADIAL;
  const end = <usize>columns * 4;
  let i: usize = 0;
  for (; i + 16 <= end; i += 16) {
    const v = v128.load(samples + i);
    const r = v128.load(radial + i);
    const w = v128.and(f32x4.mul(f32x4.splat(frameWeight), r), f32x4.gt(v, f32x4.splat(BLANK_LIMIT)));
    const term = f32x4.mul(w, f32x4.sub(v, v128.load(mean + i)));
    v128.store(sum + i, f32x4.add(v128.load(sum + i), term));
    v128.store(weight + i, f32x4.add(v128.load(weight + i), w));
    v128.store(square + i, f32x4.add(v128.load(square + i), f32x4.mul(w, r)));
  }
  for (; i < end; i += 4) {
    const v = load<f32>(samples + i);
    if (!(v > BLANK_LIMIT)) continue;
    const r = load<f32>(radial + i);
    const w = frameWeight * r;
    store<f32>(sum + i, load<f32>(sum + i) + w * (v - load<f32>(mean + i)));
    store<f32>(weight + i, load<f32>(weight + i) + w);
    store<f32>(square + i, load<f32>(square + i) + w * r);
  }
}
