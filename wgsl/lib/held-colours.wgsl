// Samples of the enlarged picture, held to the colours of the source. Twin of `#mixed` in src/pipeline/ai/model-pixels.ts and `row` in
// src/pipeline/ai/colour-lock.ts.

struct Params {
  // The wanted part of the enlarged picture.
  x: u32,
  y: u32,
  width: u32,
  height: u32,
  scale: u32,
  // The part of the source that was enlarged, and the size of all of it.
  from_x: u32,
  from_y: u32,
  from_width: u32,
  from_height: u32,
  picture_width: u32,
  picture_height: u32,
  // 1: colours are held.
  lock: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> enlarged: array<f32>;
@group(0) @binding(2) var<storage, read> correction: array<f32>;

fn correction_at(colour: u32, x: u32, y: u32) -> f32 {
  return correction[(colour * params.from_height + y - params.from_y) * params.from_width + x - params.from_x];
}

// Red, green and blue, whole numbers to 255, of a pixel of the wanted part.
fn held_colours(column: u32, line: u32) -> vec3<f32> {
  let scale = params.scale;
  let place = vec2<u32>(params.x + column, params.y + line);
  let inner = place - scale * vec2<u32>(params.from_x, params.from_y);
  // Between pixels of the source, clamped at the borders of the picture.
  let at = max((vec2<f32>(place) + 0.5) / f32(scale) - 0.5, vec2<f32>(0.0));
  let first = vec2<u32>(at);
  let second = min(first + 1, vec2<u32>(params.picture_width, params.picture_height) - 1);
  let share = at - vec2<f32>(first);
  var colours = vec3<f32>();
  for (var colour = 0u; colour < 3; colour++) {
    let row = (colour * params.from_height * scale + inner.y) * params.from_width * scale;
    var value = floor(enlarged[row + inner.x] * 255.0 + 0.5);
    if (params.lock != 0) {
      let upper = mix(correction_at(colour, first.x, first.y), correction_at(colour, second.x, first.y), share.x);
      let lower = mix(correction_at(colour, first.x, second.y), correction_at(colour, second.x, second.y), share.x);
      value = floor(clamp(value + mix(upper, lower, share.y), 0.0, 255.0) + 0.5);
    }
    colours[colour] = value;
  }
  return colours;
}
