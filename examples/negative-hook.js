/**
 * A hook module: turns pictures into their negatives. It is called with runs of full-width rows, and changes them in place;
 * what it does to a pixel may depend on that pixel alone.
 *
 * @param {{ width: number, height: number, channels: 1 | 3 | 4, depth: 8 | 16, data: Uint8Array }} rows
 */
export default function negative(rows) {
  const { data, channels, depth } = rows;
  const samples = depth === 8 ? data : new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  const most = depth === 8 ? 255 : 65535;
  for (let i = 0; i < samples.length; i += 1) {
    const isAlpha = channels === 4 && i % 4 === 3;
    if (!isAlpha) samples[i] = most - samples[i];
  }
}
