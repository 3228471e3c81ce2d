// Bindings of the guards and the limit that they share (src/compute/contracts/guard-buffers.ts):
//   1 cube           [slots, planes, height, width]  samples, BLANK_VALUE where there is none
//   2 frame_weights  [frames, planes]                > 0
//   3 median, 4 weight, 5 used  [planes, height, width]  products of stack-median over all frames
//   6 rejected_low, 7 rejected_high  [planes, height, width]  counts
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> cube: array<f32>;
@group(0) @binding(2) var<storage, read> frame_weights: array<f32>;
@group(0) @binding(3) var<storage, read> median: array<f32>;
@group(0) @binding(4) var<storage, read> weight: array<f32>;
@group(0) @binding(5) var<storage, read> used: array<u32>;
@group(0) @binding(6) var<storage, read_write> rejected_low: array<u32>;
@group(0) @binding(7) var<storage, read_write> rejected_high: array<u32>;

// How far from the median a sample of inverse variance w may lie; `d` is the greatest step of the median to a direct neighbour.
fn guard_limit(kappa: f32, w: f32, weight_of_all: f32, d: f32) -> f32 {
  let variance = MEDIAN_VARIANCE / weight_of_all;
  let step = max(0.0f, d - GUARD_STEP_NOISE * sqrt(variance));
  return kappa * sqrt(1.0f / w + variance) + params.slope * step;
}
