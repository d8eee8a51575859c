import type { BandPlace, JpegTables, PictureShape, Segment } from '../encoding.ts';
import { codesOf, emptyStatistics, type JpegCodes, type JpegStatistics } from '../jpeg/huffman.ts';
import {
  checkBand,
  jpegLayout,
  restartInterval,
  type JpegCoder,
  type JpegEncoding,
  type JpegLayout,
} from '../jpeg/layout.ts';
import { quantisersOf, type Quantisers } from '../jpeg/quantisers.ts';
import { quantisationTables } from '../jpeg/tables.ts';
import { codeBlockOf, convertMcuRow, createPlanes, type Plane } from './jpeg-transform.ts';

export type { JpegCoder } from '../jpeg/layout.ts';

/** What a scan consists of (ITU T.81, F.1.2). `table` is 0 for luminance, 1 for chrominance. */
interface ScanSink {
  /** A symbol of the DC or AC table and the `size` low bits of `value` that follow it. */
  symbol(kind: 'dc' | 'ac', table: 0 | 1, symbol: number, value: number, size: number): void;
  /** Ends an interval: pads to a byte, then the marker RSTm, or none at the end of the picture. */
  endInterval(marker: number | null): void;
}

class Counter implements ScanSink {
  readonly statistics = emptyStatistics();
  symbol(kind: 'dc' | 'ac', table: 0 | 1, symbol: number): void {
    this.statistics[kind][table][symbol]++;
  }
  endInterval(): void {
    // Markers are not coded.
  }
}

/** Collects entropy-coded bytes: bits from the most significant on, a zero stuffed after each 0xFF (ITU T.81, F.1.2.3). */
class BitWriter implements ScanSink {
  readonly #codes: Record<'dc' | 'ac', readonly JpegCodes[]>;
  #bytes = new Uint8Array(1 << 16);
  #length = 0;
  #pending = 0;
  #bits = 0;

  constructor(tables: JpegTables) {
    this.#codes = { dc: tables.dc.map(codesOf), ac: tables.ac.map(codesOf) };
  }

  symbol(kind: 'dc' | 'ac', table: 0 | 1, symbol: number, value: number, size: number): void {
    const { code, length } = this.#codes[kind][table];
    this.#put(code[symbol], length[symbol]);
    this.#put(value & ((1 << size) - 1), size);
  }

  endInterval(marker: number | null): void {
    if (this.#bits > 0) this.#put(0x7f, 8 - this.#bits);
    if (marker === null) return;
    this.#push(0xff);
    this.#push(0xd0 + marker);
  }

  result(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** At most 7 bits are pending before, 23 after. */
  #put(value: number, size: number): void {
    this.#pending = (this.#pending << size) | (value & ((1 << size) - 1));
    this.#bits += size;
    while (this.#bits >= 8) {
      this.#bits -= 8;
      const byte = (this.#pending >> this.#bits) & 255;
      this.#push(byte);
      if (byte === 255) this.#push(0);
    }
    this.#pending &= (1 << this.#bits) - 1;
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }
}

/** Bits needed for the magnitude: the size category of ITU T.81, table F.1. */
const sizeOf = (value: number): number => 32 - Math.clz32(Math.abs(value));

/** The bits that follow a symbol: the value, or for negative ones the value less one, in its low bits. */
const bitsOf = (value: number): number => (value < 0 ? value - 1 : value);

function scanBlock(sink: ScanSink, table: 0 | 1, zigzag: Int16Array, prediction: number): void {
  const difference = zigzag[0] - prediction;
  const dcSize = sizeOf(difference);
  sink.symbol('dc', table, dcSize, bitsOf(difference), dcSize);
  let run = 0;
  for (let k = 1; k < 64; k++) {
    const value = zigzag[k];
    if (value === 0) {
      run++;
      continue;
    }
    for (; run > 15; run -= 16) sink.symbol('ac', table, 0xf0, 0, 0);
    const size = sizeOf(value);
    sink.symbol('ac', table, (run << 4) | size, bitsOf(value), size);
    run = 0;
  }
  if (run > 0) sink.symbol('ac', table, 0, 0, 0);
}

/** The scalar JPEG band coder: plain and slow, the definition of what the other engines must give. */
export function createReferenceJpegCoder(shape: PictureShape, encoding: JpegEncoding): JpegCoder {
  const layout = jpegLayout(shape, encoding.chroma);
  restartInterval(layout, encoding.restartRows);
  const scan = (rows: Uint8Array, place: BandPlace, sink: ScanSink): void => {
    checkBand(layout, encoding, rows, place);
    scanBand(layout, encoding, rows, place, sink);
  };
  return {
    encode(rows: Uint8Array, place: BandPlace): Segment {
      const writer = new BitWriter(encoding.tables);
      scan(rows, place, writer);
      return { bytes: writer.result() };
    },
    statistics(rows: Uint8Array, place: BandPlace): JpegStatistics {
      const counter = new Counter();
      scan(rows, place, counter);
      return counter.statistics;
    },
  };
}

function scanBand(
  layout: JpegLayout,
  encoding: JpegEncoding,
  rows: Uint8Array,
  place: BandPlace,
  sink: ScanSink,
): void {
  const { mcuSize, mcuRows } = layout;
  const quantisers = quantisationTables(encoding.quality).map(quantisersOf);
  const planes = createPlanes(layout);
  const predictions = [0, 0, 0];
  const firstRow = place.y / mcuSize;
  const endRow = Math.ceil((place.y + place.rows) / mcuSize);
  for (let mcuRow = firstRow; mcuRow < endRow; mcuRow++) {
    convertMcuRow(layout, rows, place, mcuRow * mcuSize, planes);
    scanMcuRow(layout, mcuRow, planes, quantisers, predictions, sink);
    const next = mcuRow + 1;
    if (next === mcuRows) sink.endInterval(null);
    else if (next % encoding.restartRows === 0) {
      sink.endInterval((next / encoding.restartRows - 1) & 7);
      predictions.fill(0);
    }
  }
}

/**
 * Codes a row of units: for each, the blocks of Y from left to right and top to bottom, Cb, Cr. A block of Y that lies wholly
 * outside the picture is never seen, so it takes the cheapest form: the DC of the block before it and nothing else.
 */
function scanMcuRow(
  layout: JpegLayout,
  mcuRow: number,
  planes: Plane[],
  quantisers: readonly Quantisers[],
  predictions: number[],
  sink: ScanSink,
): void {
  const { width, height, mcuSize, mcusPerRow } = layout;
  const zigzag = new Int16Array(64);
  for (let mcu = 0; mcu < mcusPerRow; mcu++) {
    planes.forEach((plane, component) => {
      const side = component === 0 ? mcuSize : 8;
      const table = component === 0 ? 0 : 1;
      for (let y = 0; y < side; y += 8) {
        for (let x = mcu * side; x < (mcu + 1) * side; x += 8) {
          const outside = component === 0 && (x >= width || mcuRow * mcuSize + y >= height);
          zigzag.fill(0);
          if (outside) zigzag[0] = predictions[0];
          else codeBlockOf(plane, x, y, quantisers[table], zigzag);
          scanBlock(sink, table, zigzag, predictions[component]);
          predictions[component] = zigzag[0];
        }
      }
    });
  }
}
