/** The eight ways to turn and mirror a square; `turn` 0 leaves it as it is. */
export const TURNS = 8;

/** Where pixel (x, y) of the turned square comes from. */
function origin(turn: number, side: number, x: number, y: number): number {
  const last = side - 1;
  const [u, v] = turn & 4 ? [y, x] : [x, y];
  return (turn & 2 ? last - v : v) * side + (turn & 1 ? last - u : u);
}

/** Three square planes, turned. */
export function turned(planes: Float32Array<ArrayBuffer>, side: number, turn: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(planes.length);
  const area = side * side;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = origin(turn, side, x, y);
      for (let c = 0; c < 3; c++) result[c * area + y * side + x] = planes[c * area + from];
    }
  }
  return result;
}

/** Adds three turned planes, turned back, to a sum. */
export function addTurnedBack(sum: Float32Array, planes: Float32Array, side: number, turn: number): void {
  const area = side * side;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const to = origin(turn, side, x, y);
      for (let c = 0; c < 3; c++) sum[c * area + to] += planes[c * area + y * side + x];
    }
  }
}
