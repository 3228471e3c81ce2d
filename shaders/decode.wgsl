// Big-endian samples of a FITS file -> float32 physical values, blanks as BLANK_VALUE.
// Thread: (x, y) = pixel of the window.
// Bindings: 1 raw, rows of row_samples samples as little-endian words of the file's bytes; 2 image [height, width].
// The only kernel that meets NaN: tested by bits, because comparisons of a value with itself are folded away.

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> raw: array<u32>;
@group(0) @binding(2) var<storage, read_write> image: array<f32>;

const EXPONENT_BITS: u32 = 0x7f800000u;
const MAGNITUDE_BITS: u32 = 0x7fffffffu;

fn stored_byte(index: u32) -> u32 {
  return (raw[index / 4u] >> (8u * (index % 4u))) & 0xffu;
}

fn physical(stored: i32) -> f32 {
  if (params.has_blank != 0u && stored == params.blank) {
    return BLANK_VALUE;
  }
  return f32(stored) * params.scale + params.zero;
}

fn physical_float(word: u32) -> f32 {
  let bits = (word << 24u) | ((word & 0xff00u) << 8u) | ((word >> 8u) & 0xff00u) | (word >> 24u);
  if ((bits & EXPONENT_BITS) == EXPONENT_BITS) {
    return BLANK_VALUE;
  }
  let value = bitcast<f32>(bits) * params.scale + params.zero;
  // Magnitudes are in the order of their bits, what has overflown behind all of them; of what was no number before, arithmetic says nothing.
  if ((bitcast<u32>(value) & MAGNITUDE_BITS) > bitcast<u32>(SAMPLE_LIMIT)) {
    return BLANK_VALUE;
  }
  return value;
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.width || id.y >= params.height) {
    return;
  }
  let index = id.y * params.row_samples + params.first_sample + id.x;
  var value: f32;
  if (params.sample_type == SAMPLE_F32) {
    value = physical_float(raw[index]);
  } else if (params.sample_type == SAMPLE_I16) {
    // The shift pair extends the sign of the 16-bit number.
    let word = (stored_byte(2u * index) << 24u) | (stored_byte(2u * index + 1u) << 16u);
    value = physical(bitcast<i32>(word) >> 16u);
  } else {
    value = physical(i32(stored_byte(index)));
  }
  image[id.y * params.width + id.x] = value;
}
