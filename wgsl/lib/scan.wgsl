// Sums over a workgroup of WORKGROUP invocations, which the importing pass declares as a power of two.

var<workgroup> scan_values: array<u32, WORKGROUP>;

// The sum of the values of all invocations before this one, and of all. To be called in uniform control flow.
fn exclusive_scan(thread: u32, value: u32) -> vec2<u32> {
  scan_values[thread] = value;
  workgroupBarrier();
  for (var distance = 1u; distance < WORKGROUP; distance <<= 1) {
    var sum = scan_values[thread];
    if (thread >= distance) {
      sum += scan_values[thread - distance];
    }
    workgroupBarrier();
    scan_values[thread] = sum;
    workgroupBarrier();
  }
  let inclusive = scan_values[thread];
  let total = scan_values[WORKGROUP - 1];
  workgroupBarrier();
  return vec2<u32>(inclusive - value, total);
}
