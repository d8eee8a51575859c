// One convolution of a network of core/graph-network.ts: what its kernels have in common. Tensors lie vector by vector of four channels: each is a
// plane of the tensor's size.

struct Params {
  // The tensor that is read, in pixels and vectors, and the place of the factors of its channels, or NO_GATE.
  in_width: u32,
  in_height: u32,
  in_vectors: u32,
  in_gate: u32,
  // Workgroups' rows before this dispatch, where a layer is cut into several.
  first_group: u32,
  // Places of the kernel, and vectors of results at each.
  width: u32,
  height: u32,
  vectors: u32,
  // In vectors; slopes follow the biases.
  weights: u32,
  biases: u32,
  // 2: the results at a place are four pixels of the tensor that is written.
  spread: u32,
  // 1: a tensor is added, from this many pixels within it.
  added: u32,
  add_width: u32,
  add_height: u32,
  add_crop: u32,
  add_gate: u32,
}

const NO_GATE: u32 = 0xffffffff;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> gates: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> input: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> addend: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> result: array<vec4<f32>>;

fn gate_at(gate: u32, vector: u32) -> vec4<f32> {
  if (gate == NO_GATE) {
    return vec4<f32>(1.0);
  }
  return gates[gate + vector];
}

// Four inputs to four outputs: each column of the weights is for one of the inputs.
fn accumulated(sum: vec4<f32>, v: vec4<f32>, w: mat4x4<f32>) -> vec4<f32> {
  return fma(w[3], v.wwww, fma(w[2], v.zzzz, fma(w[1], v.yyyy, fma(w[0], v.xxxx, sum))));
}

// Finishes a sum, which lacks the bias.
fn store(x: u32, y: u32, vector: u32, sum: vec4<f32>) {
  if (x >= params.width || y >= params.height || vector >= params.vectors) {
    return;
  }
  var value = sum + weights[params.biases + vector];
  value = select(value, value * weights[params.biases + params.vectors + vector], value < vec4<f32>());
  let spread = params.spread;
  let planes = params.vectors / (spread * spread);
  let phase = vector / planes;
  let plane = vector % planes;
  let place = spread * vec2<u32>(x, y) + vec2<u32>(phase % spread, phase / spread);
  if (params.added != 0) {
    let row = plane * params.add_height + place.y + params.add_crop;
    value += gate_at(params.add_gate, plane) * addend[row * params.add_width + place.x + params.add_crop];
  }
  result[(plane * params.height * spread + place.y) * params.width * spread + place.x] = value;
}
