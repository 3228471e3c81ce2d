// The kernel suites can go red: each of these broken shaders must fail at least one check of its stem.
import { describe, expect, it } from 'vitest';
import type { ComputeBackend } from '../../src/compute/backend.js';
import { type KernelStem, kernelStems } from '../../src/compute/contracts/index.js';
import { GpuError } from '../../src/gpu/gpu-error.js';
import { gpuKernels } from '../../src/gpu/kernels/index.js';
import { shaderSource } from '../../src/gpu/shader-source.js';
import { createWebgpuBackend } from '../../src/gpu/webgpu-backend.js';
import * as stack from './checks/stack.js';

/** What is broken, the text that is there, and the text in its place. */
type Mutant = readonly [fault: string, from: string, to: string];

const ALL_SLOTS = 'var slot = 0u; slot < params.slots';
const LATER_SLOTS = 'var slot = 1u; slot < params.slots';

const mutants: Readonly<Record<KernelStem, readonly Mutant[]>> = {
  decode: [
    ['bytes swapped', 'stored_byte(2u * index) << 24u', 'stored_byte(2u * index + 1u) << 24u'],
    ['window ignored', 'params.first_sample + id.x', 'id.x'],
    ['blank value off by one', 'stored == params.blank', 'stored == params.blank + 1'],
    ['nothing below 0', '& MAGNITUDE_BITS) > bitcast', ') > bitcast'],
    ['no limit', '> bitcast<u32>(SAMPLE_LIMIT)', '> EXPONENT_BITS'],
  ],
  calibrate: [
    ['bias added', 'value -= params.bias_scale * b', 'value += params.bias_scale * b'],
    ['dark not scaled', 'value -= params.dark_scale * d', 'value -= d'],
    ['multiplied by the flat', 'value /= f', 'value *= f'],
    ['blank dark taken', 'valid &= d > BLANK_LIMIT', 'valid &= true'],
    ['dead flat pixel taken', 'f > 0.0f', 'f >= 0.0f'],
    ['plane ignored', 'group.z * params.pixels + pixel', 'pixel'],
  ],
  'fix-hot-pixels': [
    ['isolation turned round', '< params.isolation *', '> params.isolation *'],
    ['row parity lost', '(y + params.origin_y) & 1u', 'y & 1u'],
    ['median of an even count', '0.5f * (lower + upper)', 'lower'],
    ['middle of an odd count', '0.5f * (lower + upper), lower, odd', '0.5f * (lower + upper), upper, odd'],
    ['blanks all on one side', 'select(FAR, -FAR, odd)', 'FAR'],
    ['a comparator turned round', 'let s1 = min(m1, m2)', 'let s1 = max(m1, m2)'],
    ['a corner read twice', 'image[here + down + across]', 'image[here + down - across]'],
    ['inside one row too far', 'y + step < i32(params.height)', 'y + step <= i32(params.height)'],
    ['inside one column too far', 'x >= step', 'x >= step - 1'],
    ['cold samples forgotten', 'abs(excess) > threshold_at', 'excess > threshold_at'],
    ['left out always', 'select(median, BLANK_VALUE, params.blanks == 1u)', 'BLANK_VALUE'],
    ['never left out', 'params.blanks == 1u', 'false'],
  ],
  'demosaic-bilinear': [
    ['column parity lost', '(u32(x) + params.origin_x) & 1u', 'u32(x) & 1u'],
    ['blanks averaged', '== colour && value > BLANK_LIMIT', '== colour'],
    ['a neighbour left out', 'var i = -1; i <= 1', 'var i = -1; i < 1'],
  ],
  'demosaic-edge-aware': [
    ['across the edge', 'horizontal.y < vertical.y', 'horizontal.y > vertical.y'],
    ['second difference doubled', '0.25f * second', '0.5f * second'],
    ['blank test missing', 'own > BLANK_LIMIT && all(valid)', 'own > BLANK_LIMIT'],
  ],
  warp: [
    ['y from the coefficients of x', 'biquadratic(first + 11u, u, v)', 'biquadratic(first + 2u, u, v)'],
    ['block centre half a pixel off', '(half_block - 0.5f)', 'half_block'],
    ['gain on the sample alone', 'levels[first] * (value - level)', 'levels[first] * value - level'],
    ['no clamping', 'below > params.clamp_threshold * above', 'false'],
    ['blanks too easily filled', '< 0.5f * full', '< 0.1f * full'],
    ['slot ignored', 'params.slot * params.planes + plane', 'plane'],
    ['a support one tap too wide', 'in_window + i32(TAPS) - 1', 'in_window + i32(TAPS) - 2'],
    ['rows of the support mixed up', 'j * support.step_y', '(j ^ 1u) * support.step_y'],
    ['plane of the support ignored', '(plane * params.window_height + u32(in_window.y))', 'u32(in_window.y)'],
    ['blanks of a whole support taken', 'if (least <= BLANK_LIMIT)', 'if (false)'],
    ['a weight wrong by a thousandth', 'g * near, f * far', '1.001f * g * near, f * far'],
    ['sizes forgotten', 'abs(wy) * line_size', 'line_size'],
  ],
  'warp-cfa': [
    ['green not turned', 'm + n + parity, m - n)', 'm + n + parity, n - m)'],
    ['green parity lost', 'parity = (first.x + first.y) & 1', 'parity = 0'],
    ['half a pixel lost at odd sites', 'vec2<f32>(whole & vec2<i32>(1)) + fraction', 'fraction'],
    [
      'carry of the turned fraction lost',
      'whole + vec2<i32>(carried), turned - carried',
      'whole, turned - carried',
    ],
    ['cubic too soft', '-0.5f * g * g * f', '-0.25f * g * g * f'],
    ['green steps turned', 'width + 1u, 1u - width', '1u - width, width + 1u'],
    ['green reach forgotten', 'vec2<i32>(in_window.x, in_window.y - reach)', 'in_window'],
    ['reach of red and blue halved', 'vec2<i32>(2 * reach)', 'vec2<i32>(reach)'],
    ['origin of the whole support', '(TAPS / 2u - 1u) * (support.step_x', '(TAPS + 9u) * (support.step_x'],
    ['window column ignored', 'pixel.x - params.window_x', 'pixel.x'],
    ['level of another colour', 'corrected(colour, at, value)', 'corrected(0u, at, value)'],
  ],
  'guard-few': [
    [
      'kappas swapped',
      'select(params.kappa_low, params.kappa_high, r > 0.0f)',
      'select(params.kappa_high, params.kappa_low, r > 0.0f)',
    ],
    ['noise of the median forgotten', '1.0f / w + variance', '1.0f / w'],
    ['stars not spared', '* sqrt(1.0f / w + variance) + params.slope * step', '* sqrt(1.0f / w + variance)'],
    [
      'stars of two not spared',
      'd = max(d, abs(compared - mq))',
      'd = select(max(d, abs(compared - mq)), 0.0f, is_pair)',
    ],
    [
      'of two that is judged by itself',
      'pair_limit(kappa, w, w_other, d)',
      'pair_limit(kappa, w, w_other, own)',
    ],
    ['of two by the slope of more', 'params.pair_slope * step', 'params.slope * step'],
    ['pairs judged that are to stay', 'params.pair_slope < 0.0f', 'false'],
    ['the fainter of two goes, too', '&& !brighter_goes', ''],
    ['of two compared with the mean', 'select(1.0f, 2.0f, n == 2u)', '1.0f'],
    [
      'noise of one for that of two',
      'PAIR_KAPPA * kappa * sqrt(1.0f / w + variance)',
      'kappa * sqrt(1.0f / w + variance)',
    ],
    ['noise taken for stars', 'd - GUARD_STEP_NOISE * sqrt(variance)', 'd'],
    ['rims of trails stay', '> GUARD_NEAR * limit', '> 2.0f * limit'],
    [
      'blocks run together',
      'let same_block = (qx / BLOCK_SIZE == x / BLOCK_SIZE) & (qy / BLOCK_SIZE == y / BLOCK_SIZE)',
      'let same_block = true',
    ],
    ['as many as half go', '+ 1u) >= max(n, 3u)', ') >= max(n, 3u)'],
    ['low counted as high', 'rejected_low[at] += 1u', 'rejected_high[at] += 1u'],
    ['wrong slot', '(params.slot + 1u) * params.planes', 'params.slot * params.planes'],
  ],
  'guard-trails': [
    ['weight of another frame', 'params.frame * params.planes', 'params.slot * params.planes'],
    ['stars not spared', '+ params.slope * step', ''],
    [
      'clouds taken for trails',
      'TRAIL_WINDOW, aside, end) <= TRAIL_ASIDE_MOST',
      'TRAIL_WINDOW, aside, end) < 99u',
    ],
    ['lines of one axis only', 'LINES: u32 = 4u', 'LINES: u32 = 2u'],
    ['last window forgotten', 'middle + after + far_after >= TRAIL_NEED', 'false'],
    ['first window forgotten', 'far_before + before + middle >= TRAIL_NEED', 'false'],
    ['too short a line', '>= TRAIL_NEED', '> TRAIL_NEED'],
    [
      'half a window asked for too much',
      'TRAIL_NEED - 1u - TRAIL_WINDOW / 2u',
      'TRAIL_NEED - TRAIL_WINDOW / 2u',
    ],
    ['one pixel in two listed', 'column) << (16u * (n % 2u))', 'column) << 0u'],
    ['rims cut at words', '(here >> shift) | (next << (32u - shift))', '(here >> shift)'],
    [
      'rows of a second turn forgotten',
      'bit_at(i32(column), i32(y)) == 1u',
      'y < 4u && bit_at(i32(column), i32(y)) == 1u',
    ],
    ['as many as half go', '2u * (gone + 1u) < n', '2u * gone < n'],
    ['low counted as high', 'if (v < median[at])', 'if (false)'],
  ],
  'stack-mean': [
    ['weight dropped', 'w * (value - origin)', '(value - origin)'],
    ['first slot left out', ALL_SLOTS, LATER_SLOTS],
    ['blanks averaged', 'if (value > BLANK_LIMIT)', 'if (true)'],
  ],
  'stack-median': [
    ['registers: middle of an even count', 'survivors.first + survivors.count / 2u', 'survivors.first'],
    [
      'registers: a comparator turned round',
      'let low = min(sorted[1], sorted[3])',
      'let low = max(sorted[1], sorted[3])',
    ],
    ['registers: blanks counted', 'select(0u, 1u, value < ABSENT)', '1u'],
    ['registers: last slot left out', '(7u < params.slots)', 'false'],
    ['streamed: rank off by one', 'counts.x > rank', 'counts.x >= rank'],
    ['streamed: middle of an even count', 'select(next, lower, not_above > rank + 1u)', 'lower'],
  ],
  'stack-kappa-sigma': [
    ['kappas swapped', 'params.kappa_low * sigma', 'params.kappa_high * sigma'],
    ['one iteration only', 'iteration >= params.max_iterations', 'iteration >= 1u'],
    ['population deviation', '(n - 1.0f)', 'n'],
    ['weight dropped', 'w * (value - median)', '(value - median)'],
    ['streamed: first slot left out', ALL_SLOTS, LATER_SLOTS],
    ['tile: one bound for both', 'rank_of_deviation(high, true', 'rank_of_deviation(low, true'],
    ['registers: weights of one slot', 'frame_weights[min(3u,', 'frame_weights[min(2u,'],
    ['registers: bounds taken out', '(d >= low) & (d > high)', '(d >= low) & (d >= high)'],
    ['registers: what went counts on', ' - survivors.first < survivors.count', ' < survivors.count'],
    [
      'cube: the least survivor lost',
      'value >= survivors.lowest && value <= survivors.highest',
      'value > survivors.lowest && value <= survivors.highest',
    ],
    ['registers: the greatest survivor lost', '(value <= survivors.highest)', '(value < survivors.highest)'],
  ],
  'stack-winsorised': [
    ['kappas swapped', 'params.kappa_high * sigma', 'params.kappa_low * sigma'],
    ['consistency dropped', 'factor = WINSOR_CONSISTENCY', 'factor = 1.0f'],
    ['cutoff changed', 'WINSOR_CUTOFF * sigma', '2.5f * sigma'],
    ['low counted as high', 'low += below', 'high += below'],
    ['never winsorised', 'step <= WINSOR_MAX_STEPS', 'step < 1u'],
    ['one attempt', 'attempt < 2u', 'attempt < 1u'],
    ['tile: what is pulled in forgotten', 'beyond + sums_of_ranks', 'sums_of_ranks'],
  ],
  'stack-linear-fit': [
    ['tile: runs all rise', 'sign_of((rank & span) != 0u)', 'sign_of(false)'],
    ['tile: entries a run apart', 'run / stride * stride * RUN', 'run / stride * RUN'],
    ['slope forgotten', '- line.slope * (f32(rank) - line.centre)', ''],
    ['kappas swapped', '-params.kappa_low * scatter', '-params.kappa_high * scatter'],
    ['one fit only', 'iteration < params.max_iterations', 'iteration < 1u'],
    ['streamed: equal samples lost', 'if (walk.left > 0u)', 'if (false)'],
    ['streamed: steps to the farthest', 'value > walk.value && value <= next', 'value > walk.value'],
  ],
  'stack-mad': [
    ['not made consistent', 'MAD_CONSISTENCY * median_distance', 'median_distance'],
    [
      'tile: one distance too few',
      'let rank = survivors.count / 2u',
      'let rank = (survivors.count - 1u) / 2u',
    ],
    [
      'tile: sides taken in turn',
      'distance_down(tried, above, middle) < distance_up',
      'distance_down(tried, above, middle) > distance_up',
    ],
    ['streamed: middle of an even count', 'odd || found.x > rank + 1u', 'true'],
  ],
  'stack-esd': [
    ['side turned round', 'above >= below', 'above < below'],
    ['limit of another count', 'critical[count]', 'critical[count - 1u]'],
    ['first test decides', 'taken < most', 'taken < min(most, 1u)'],
    ['tile: what is gone still counts', 'survivors.count - high.steps, middle', 'survivors.count, middle'],
    ['tile: whole blocks forgotten', '(3u >= first_block)', 'false'],
    ['streamed: equal ends lost', 'f32(high.left + 1u)', '1.0f'],
  ],
  'stack-percentile': [
    ['of any level', 'abs(middle.median)', '100.0f'],
    ['sign kept', 'abs(middle.median)', 'middle.median'],
  ],
  'stack-min-max': [
    ['sides swapped', 'k < params.drop_low', 'k < params.drop_high'],
    ['all may go', 'params.drop_high >= all.count - params.drop_low', 'false'],
    [
      'streamed: equal samples split',
      'value >= lowest && value <= highest',
      'value > lowest && value <= highest',
    ],
    ['tile: equal samples split', 'rank_of(lowest, false, 0u, end)', 'rank_of(lowest, true, 0u, end)'],
  ],
  'coadd-accumulate': [
    ['weight dropped', 'sum[out] += w * value', 'sum[out] += value'],
    ['blank counted', 'if (value > BLANK_LIMIT)', 'if (true)'],
    ['planes of the slot ignored', 'params.slot * params.planes', 'params.slot'],
  ],
  'coadd-normalise': [
    ['division by no weight', 'if (w > 0.0f)', 'if (w >= 0.0f)'],
    ['first plane everywhere', 'group.z * params.pixels + pixel', 'pixel'],
  ],
  'drop-rejected': [
    ['sides swapped', 'drop_extreme(at, 1.0f)', 'drop_extreme(at, -1.0f)'],
    ['one at most', 'k < rejected_low[at]', 'k < min(rejected_low[at], 1u)'],
    ['blanks are the lowest', 'value > BLANK_LIMIT && ', ''],
    ['last of equal ones', 'side * value > extreme', 'side * value >= extreme'],
    ['first plane everywhere', 'group.z * params.pixels + pixel', 'pixel'],
  ],
  'coadd-radial': [
    ['weight dropped', 'w * (value - mean[out])', '(value - mean[out])'],
    ['not about the mean', 'value - mean[out]', 'value'],
    ['squares of the whole weight', 'w * r;\n  }', 'w * w;\n  }'],
    ['square of the distance', 'length(from_centre) *', 'dot(from_centre, from_centre) *'],
    ['steps of the table', '(place - f32(entry))', '0.0f'],
    ['block ignored', 'let base = vec2<f32>(map[at.first]', 'let base = vec2<f32>(map[0]'],
    ['blanks counted', 'if (value > BLANK_LIMIT)', 'if (true)'],
  ],
  drizzle: [
    ['whole drops', 'let a = overlap(quad, vec2<f32>(f32(kx), f32(ky)))', 'let a = 1.0f'],
    ['drops as large as pixels', '(quad[2] - site) / params.pixfrac', '(quad[2] - site)'],
    ['not cut off above', ' - ramp(a - 1.0f, b - 1.0f)', ''],
    ['an edge forgotten', ' + under_edge(p3, p0)', ''],
    ['rejected samples drop', 'cube[row * pixels + pixel] <= BLANK_LIMIT', 'false'],
    ['blanks drop', 'value > BLANK_LIMIT && a', 'a'],
    ['all colours', 'colour != id.z', 'false'],
    ['parity of the window', 'let site = vec2<i32>(kx, ky) + base', 'let site = vec2<i32>(kx, ky) - window'],
    ['corners of one row', 'select(0.0f, 1.0f, k >= 2u)', '0.5f'],
    ['loop cut short', 'floor(most + half_drop)', 'floor(most)'],
    ['planes of the image ignored', 'image[plane_start + ', 'image['],
    ['squares of the overlap forgotten', 'r * r * a * a', 'r * r * a'],
    ['radial weight forgotten', 'sum += w * r * a', 'sum += w * a'],
    ['level of another colour', 'levelled(id.z, from_centre', 'levelled(0u, from_centre'],
  ],
};

/** Source of every variant of a stem, one after the other. */
const sourcesOf = (stem: KernelStem) =>
  gpuKernels[stem].variants.map((variant) => shaderSource(stem, variant));

type Check = (backend: ComputeBackend) => Promise<void>;

/** A stem's checks, those of many depths last. Which found the last mutant goes first: faults of one shader are mostly found by the same few. */
async function checksOf(stem: KernelStem): Promise<Check[]> {
  const exported = (await import(`./checks/${stem}.ts`)) as Record<string, Check>;
  const checks = Object.entries(exported).flatMap(([name, check]) =>
    name.startsWith('check') ? [check] : [],
  );
  return checks.sort((a, b) => Number(a.name in OF_DEPTHS) - Number(b.name in OF_DEPTHS));
}

/** The first failure among a stem's checks on a backend; its check goes to the front. */
async function firstFailure(checks: Check[], backend: ComputeBackend): Promise<unknown> {
  for (const [i, check] of checks.entries()) {
    try {
      await check(backend);
    } catch (error) {
      checks.unshift(...checks.splice(i, 1));
      return error;
    }
  }
  return undefined;
}

/** Checks of stacks at many depths, by their names, and the depths. */
const OF_DEPTHS = {
  checkParityAtAllDepths: [stack.parityAtAllDepths, stack.DEPTHS],
  checkParityOfEqualSamples: [stack.parityOfEqualSamples, stack.DEPTHS_OF_EQUAL],
} as const;

/** The parts of a stack's checks of many depths that the text takes part in: at other depths shaders are without it, and take seconds to compile. */
function partsOfChecks(stem: KernelStem, checks: readonly Check[], text: string): Check[] {
  const hasText = (slots: number) =>
    shaderSource(stem, gpuKernels[stem].variantFor({ slots })).includes(text);
  return Object.entries(OF_DEPTHS).flatMap(([name, [check, depths]]) => {
    if (!checks.some((own) => own.name === name)) return [];
    const some = depths.filter(hasText);
    if (some.length === depths.length) return [];
    return [(backend) => check(backend, stem as stack.StackStem, some)];
  });
}

const hasAdapter = process.env.ZEMOSAIC_TEST_WEBGPU === '1';

describe.each(kernelStems)('%s', async (stem) => {
  const checks = await checksOf(stem);

  it('has at least two mutants, whose text is in the shader', () => {
    expect(mutants[stem].length).toBeGreaterThanOrEqual(2);
    for (const [fault, from, to] of mutants[stem]) {
      expect(from, fault).not.toBe(to);
      expect(
        sourcesOf(stem).some((source) => source.includes(from)),
        fault,
      ).toBe(true);
    }
  });

  it.skipIf(!hasAdapter).each(mutants[stem])('%s turns the checks red', async (_fault, from, to) => {
    const backend = await createWebgpuBackend({
      allowSoftware: true,
      shaderOverride: (mutated, source) => (mutated === stem ? source.replaceAll(from, to) : source),
    });
    try {
      const failure =
        (await firstFailure(partsOfChecks(stem, checks, from), backend)) ??
        (await firstFailure(checks, backend));
      // A mutant that does not even compile would prove nothing.
      expect(failure).toBeInstanceOf(Error);
      expect(failure).not.toBeInstanceOf(GpuError);
    } finally {
      await backend.close();
    }
  });
});
