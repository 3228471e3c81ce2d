// What shows that median, guard and stack done as one are right can go red: on the cube of that test, each of these faults gives other bytes. One module holds all of
// them, and a number says which is in force.
import { beforeAll, expect, it } from 'vitest';
import { compileKernels } from '../../../scripts/build-wasm.js';
import type { Op } from '../../../src/compute/backend.js';
import { HEAP_START } from '../../../src/cpu-fallback/wasm/control-area.js';
import { fuseSteps } from '../../../src/cpu-fallback/wasm/fuse-steps.js';
import type { WasmKernelOp } from '../../../src/cpu-fallback/wasm/wasm-ops.js';
import { contractOf } from '../../../src/cpu-fallback/wasm/inner-contracts.js';
import { packJob } from '../../../src/cpu-fallback/wasm/job-layout.js';
import { kernelPasses } from '../../../src/cpu-fallback/wasm/kernel-passes.js';
import { GUARDED_SAMPLES } from '../../../src/pipeline/integrate/programs/guard-program.js';
import { makeCube, programFor, samples, SETTINGS, type Shape } from '../../helpers/guarded-cube.js';

/** What is broken, where, the text that is there with the expression in question between bars, and the one in its place. */
const MUTANTS: readonly (readonly [fault: string, file: string, from: string, to: string])[] = [
  ['pixels of the most samples not guarded', 'guard-limits', '|i32x4.le_u(n, most)|', 'i32x4.lt_u(n, most)'],
  ['pixels of one more guarded', 'guard-limits', 'i32x4.splat(|maxSamples|)', 'maxSamples + 1'],
  ['pixels of two not guarded', 'guard-limits', 'i32x4.ge_u(n, |two|)', 'i32x4.splat(3)'],
  [
    'pairs asked for their means',
    'guard-limits',
    'v128.bitselect(f32x4.mul(deviation, |ofPair|)',
    'f32x4.splat(9)',
  ],
  [
    'both of two go',
    'guard-take',
    'return |r > 0 || !isBeyond(size, around, <f64>guardHigh * noise + slack(own, variance))|',
    'true',
  ],
  ['pairs of a row not stacked again', 'guarded-stack', 'i32x4.ge_u(groupCount, i32x4.splat(|2|))', '3'],
  ['as many as half go', 'guard-take', '<u32>2 * |(gone + 1)|', 'gone'],
  ['weights of the whole row', 'guarded-stack', '|isFull && groupLength == tileRows|', 'true'],
  ['partly blank slots taken as full', 'guarded-stack', '|(entry & 1) != 0|', 'true'],
  ['medians of all slots', 'guarded-stack', 'if (|!isFull|)', 'false'],
  ['what goes stays', 'guarded-stack', '(load<u32>(list + k * 4) >> 1), |gone|);', '<u64>0'],
  ['not stacked again', 'guarded-stack', 'setOpen(y, |open|)', '<u64>0'],
  ['not stacked at last', 'guarded-stack', '<u64>|(open & guarded)|', '<i32>0'],
  ['weight of another slot', 'guarded-stack', 'stackWeights + step * |s|', 'k'],
  ['row above forgotten', 'guard-take', 'let qy = y > 0 ? |y - 1| : y', 'y'],
  ['row below forgotten', 'guard-take', 'qy < min(rows, |y + 2|)', 'y + 1'],
  ['surroundings at the rim forgotten', 'guard-take', 'return |(r > 0 ? mean : -mean) > least|', 'false'],
  ['surroundings forgotten', 'guard-take', '!(|<f64>mostAround(above, pitch, medians, r)| <= 9', '<f64>0'],
  ['surroundings counted to one side', 'guard-take', 'second), third), |side|);', 'i32x4.splat(0)'],
  [
    'a row of the surroundings forgotten',
    'guard-take',
    'f32x4.add(f32x4.add(first, second), |third|),',
    'second',
  ],
  ['blanks in the surroundings', 'guard-take', 'if (|areValid(above, pitch, medians)|)', 'true'],
  ['rows asked after they are closed', 'guarded-stack', 'if (y > |1|) closeRow', '64'],
  ['noise of the first row for all', 'guarded-stack', 'if (|uncertain() > before|)', 'before == 0'],
  ['what the stack rejects not counted', 'stack-combine', 'countedLow += <u32>|laneOf(low, lane)|', '0'],
  ['what the guard takes not counted', 'guarded-stack', 'guarded_high_at(job), |takenHigh|', 'takenLow'],
  [
    'counts of the block before',
    'guarded-stack',
    'memory.fill(guardedLow + countPitch * y, 0, |<usize>columns|',
    '0',
  ],
  ['slots as calm as the calmest left alone', 'guard-limits', '|1 / weight|', '<f32>9 * leastVariance'],
];

const SHAPES: readonly Shape[] = [
  { width: 150, height: 70, planes: 2, slots: 6 },
  { width: 131, height: 65, planes: 1, slots: GUARDED_SAMPLES + 9 },
  { width: 131, height: 66, planes: 1, slots: 2 },
];

/** With maps of rejected samples, and with their sums. */
const CASES = SHAPES.flatMap((shape) => [true, false].map((maps) => [shape, maps] as const));

/** The sources with every fault in them, in force where `mutant` has its number, from 1. */
function withFaults(name: string, text: string): string {
  const file = name.replace(/\.ts$/, '');
  if (file === 'index') return `${text}\nexport { setMutant } from './layout';\n`;
  if (file === 'layout')
    return `${text}\nexport let mutant: u32 = 0;\nexport function setMutant(k: u32): void { mutant = k; }\n`;
  let edited = text;
  for (const [k, [fault, where, from, to]] of MUTANTS.entries()) {
    if (where !== file) continue;
    const [before, expression, after] = from.split('|');
    const parts = edited.split(before + expression + after);
    if (parts.length < 2) throw new Error(`not in ${file}.ts: ${fault}`);
    edited = parts.join(`${before}(mutant == ${k + 1} ? ${to} : ${expression})${after}`);
  }
  return edited === text ? text : `import { mutant } from '../layout';\n${edited}`;
}

const PAGE = 65536;
const JOB = HEAP_START - 256;
/** Room between arrays: vectors read a little beyond. */
const GAP = 64;
const UNTOUCHED = 0x5c;

let module: WebAssembly.Module;
let sound: readonly Buffer[];

/** What one thread makes of a cell with a fault, 0: none. */
function outputs(shape: Shape, mapsRejected: boolean, fault: number): Buffer {
  const cube = makeCube(shape);
  const program = fuseSteps(programFor(shape, { ...SETTINGS, mapsRejected }, cube));
  const call = program.find((op): op is WasmKernelOp => op.op === 'kernel' && op.stem === 'guarded-stack')!;
  const { buffers } = contractOf('guarded-stack');
  const pass = kernelPasses['guarded-stack'].passes[0];
  let end = HEAP_START;
  const place = (bytes: number) => {
    const at = end;
    end = Math.ceil((end + bytes + GAP) / GAP) * GAP;
    return at;
  };
  const addresses = buffers.map((role) => place(4 * role.length(call.params)));
  const scratch = place(pass.scratch!(call.params));
  const behind = scratch + pass.scratch!(call.params);
  const initial = Math.ceil(end / PAGE);
  const memory = new WebAssembly.Memory({ initial, maximum: 65536, shared: true });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  for (const [i, { name }] of buffers.entries()) {
    const uploads = program.filter(
      (op): op is Extract<Op, { op: 'upload' }> =>
        op.op === 'upload' && op.handle === call.buffers[name] && op.handle !== cube,
    );
    const data = name === 'cube' ? samples(shape) : uploads[0]?.data;
    if (!data) continue;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(memory.buffer, addresses[i], bytes.length).set(bytes);
  }
  const job = packJob('guarded-stack', call.params, addresses);
  new Uint8Array(memory.buffer, JOB, job.length).set(job);
  new Uint8Array(memory.buffer, behind, GAP).fill(UNTOUCHED);
  (exports.setMutant as (k: number) => void)(fault);
  (exports[pass.name] as (...args: number[]) => void)(JOB, 0, pass.units(call.params), scratch);
  if (fault === 0)
    expect(new Set(new Uint8Array(memory.buffer, behind, GAP)), 'behind the scratch').toEqual(
      new Set([UNTOUCHED]),
    );
  const written = buffers.flatMap(({ name, access, length }, i) =>
    access !== 'read' && name !== 'cube'
      ? [new Uint8Array(memory.buffer, addresses[i], 4 * length(call.params)).slice()]
      : [],
  );
  return Buffer.concat(written);
}

beforeAll(async () => {
  module = new WebAssembly.Module(Buffer.from(await compileKernels(withFaults)));
  sound = CASES.map((of) => outputs(...of, 0));
});

it.each(MUTANTS.map(([fault], k) => [fault, k + 1] as const))('%s', (_, fault) => {
  expect(CASES.some((of, i) => !outputs(...of, fault).equals(sound[i]))).toBe(true);
});
