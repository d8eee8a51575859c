// Working space to samples: divided by alpha, coded, clamped and rounded once. Twin of encodeRow in
// src/core/reference/resample.ts and encodeSample in src/core/transfer.ts.
//
// The importing pass declares in its Params: is_grey, has_alpha, linear, max_sample, guess_stride, bucket_shift, first_bucket (u32).

// `max_sample + 2` values a channel; the infinite ones at the ends are replaced by large numbers.
@group(0) @binding(5) var<storage, read> thresholds: array<f32>;
// `guess_stride` values a channel.
@group(0) @binding(6) var<storage, read> guesses: array<vec2<f32>>;

fn rounded(v: f32) -> u32 {
  return u32(saturate(v) * f32(params.max_sample) + 0.5);
}

fn coded(light: f32, channel: u32) -> u32 {
  if (params.linear == 0) {
    return rounded(light);
  }
  let v = saturate(light);
  let bucket = max(i32(bitcast<u32>(v) >> params.bucket_shift) - i32(params.first_bucket), 0);
  let guess = guesses[channel * params.guess_stride + u32(bucket)];
  let base = channel * (params.max_sample + 2);
  var k = u32(clamp(guess.x + guess.y * v, 0.0, f32(params.max_sample)));
  while (k > 0 && v < thresholds[base + k]) {
    k--;
  }
  while (k < params.max_sample && v >= thresholds[base + k + 1]) {
    k++;
  }
  return k;
}

fn encode_samples(value: vec4<f32>) -> vec4<u32> {
  var v = value;
  var alpha = params.max_sample;
  if (params.has_alpha != 0) {
    let a = min(v.w, 1.0);
    // Colours fade to black where alpha rounds to nothing, instead of being the ratio of two rounding errors.
    v *= 1.0 / max(a, 0.5 / f32(params.max_sample));
    alpha = rounded(a);
  }
  if (params.is_grey != 0) {
    return vec4<u32>(coded(v.x, 0), 0, 0, 0);
  }
  return vec4<u32>(coded(v.x, 0), coded(v.y, 1), coded(v.z, 2), alpha);
}
