// Bindings of all stack kernels:
//   1 cube           [slots, planes, pixels]  samples, BLANK_VALUE where there is none
//   2 frame_weights  [slots, planes]          > 0
//   3 mean           [planes, pixels]         combined value, BLANK_VALUE where no sample survives
//   4 weight         [planes, pixels]         sum of the survivors' weights
//   5 used, 6 rejected_low, 7 rejected_high  [planes, pixels]  counts
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> cube: array<f32>;
@group(0) @binding(2) var<storage, read> frame_weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> mean: array<f32>;
@group(0) @binding(4) var<storage, read_write> weight: array<f32>;
@group(0) @binding(5) var<storage, read_write> used: array<u32>;
@group(0) @binding(6) var<storage, read_write> rejected_low: array<u32>;
@group(0) @binding(7) var<storage, read_write> rejected_high: array<u32>;

fn sample(slot: u32, plane: u32, pixel: u32) -> f32 {
  return cube[(slot * params.planes + plane) * params.pixels + pixel];
}
