import type { BandCoder, BandEncoding, FileWriter, PictureShape } from '../../core/encoding.ts';
import type { Panel, PanelPlan } from '../../core/exports.ts';
import type { Metadata } from '../../core/metadata.ts';
import { BAND_ALIGN, BAND_LIMITS } from '../../core/plan/bands.ts';
import { bytesPerRow } from '../../core/pixels.ts';
import type { Sink } from '../../core/sink.ts';
import { bandAlign, createFileWriter } from '../encodings.ts';
import { encodingFor, type MakeCoder } from './coders.ts';
import type { FileSet } from './file-set.ts';
import { panelPlanPage } from './panel-page.ts';
import type { CountBytes, PictureExport } from './picture-export.ts';

/** What panels are made with. */
export interface PanelParts {
  readonly set: FileSet;
  readonly picture: PictureShape;
  readonly plan: PanelPlan;
  readonly encoding: BandEncoding;
  readonly make: MakeCoder;
  readonly metadata: Metadata;
  readonly title: string;
  readonly count: CountBytes;
}

const ENDINGS: Readonly<Record<BandEncoding['kind'], string>> = { png: 'png', jpeg: 'jpg', tiff: 'tif' };

/** The name of a panel's file: its number first, so that files stand in order. */
export function panelName({ number, row, column }: Panel, plan: PanelPlan, ending: string): string {
  const digits = String(plan.panels.length).length;
  return `panel-${String(number).padStart(digits, '0')}-row-${row + 1}-column-${column + 1}.${ending}`;
}

/** A panel that is being written, band by band. */
class OpenPanel {
  readonly panel: Panel;
  readonly #shape: PictureShape;
  readonly #sink: Sink;
  readonly #writer: FileWriter;
  readonly #coder: BandCoder;
  readonly #count: CountBytes;
  readonly #bandRows: number;
  readonly #rowBytes: number;
  readonly #band: Uint8Array<ArrayBuffer>;
  #held = 0;
  #done = 0;
  #begun = false;

  constructor(panel: Panel, sink: Sink, { picture, encoding, make, metadata, count }: PanelParts) {
    this.panel = panel;
    this.#sink = sink;
    this.#count = count;
    const shape = { ...picture, width: panel.full.width, height: panel.full.height };
    this.#shape = shape;
    const own = encodingFor(encoding, shape);
    const step = bandAlign(encoding.kind, shape, encoding.kind === 'jpeg' ? encoding.chroma : '444');
    this.#rowBytes = bytesPerRow(shape.width, shape);
    const wanted = Math.floor(BAND_LIMITS.bandBytes / 4 / this.#rowBytes);
    this.#bandRows = Math.max(step, Math.floor(Math.max(BAND_ALIGN, wanted) / step) * step);
    this.#band = new Uint8Array(Math.min(this.#bandRows, shape.height) * this.#rowBytes);
    this.#writer = createFileWriter(shape, own, this.#bandRows, metadata);
    this.#coder = make(shape, own);
  }

  /** Rows of the panel that have come. */
  get rows(): number {
    return this.#done + this.#held;
  }

  /** Adds a row of the picture: the panel's part of it. */
  async row(row: Uint8Array): Promise<void> {
    const { full } = this.panel;
    const pixel = bytesPerRow(1, this.#shape);
    const last = row.length - pixel;
    const into = this.#band.subarray(this.#held * this.#rowBytes, (this.#held + 1) * this.#rowBytes);
    const left = Math.max(0, -full.x);
    const inside = Math.min(full.width, row.length / pixel - full.x) - left;
    const from = (full.x + left) * pixel;
    into.set(row.subarray(from, from + inside * pixel), left * pixel);
    for (let x = 0; x < left; x++) into.set(row.subarray(0, pixel), x * pixel);
    for (let x = left + inside; x < full.width; x++) into.set(row.subarray(last), x * pixel);
    this.#held++;
    if (this.#held * this.#rowBytes === this.#band.length || this.rows === full.height) await this.#flush();
  }

  async #flush(): Promise<void> {
    const rows = this.#held;
    const place = {
      ...{ index: Math.floor(this.#done / this.#bandRows), y: this.#done, rows },
      first: this.#done === 0,
      last: this.#done + rows === this.#shape.height,
    };
    this.#held = 0;
    this.#done += rows;
    if (!this.#begun) await this.#put(this.#writer.begin());
    this.#begun = true;
    const segment = this.#coder.encode(this.#band.subarray(0, rows * this.#rowBytes), place);
    await this.#put(this.#writer.segment(segment, place));
    if (!place.last) return;
    const { bytes, patches } = this.#writer.end();
    await this.#put(bytes);
    await this.#sink.patch(patches);
    await this.#sink.commit();
  }

  async #put(chunks: Uint8Array<ArrayBuffer>[]): Promise<void> {
    this.#count(chunks.reduce((sum, { length }) => sum + length, 0));
    await this.#sink.write(chunks);
  }
}

/**
 * Numbered panels, each a file of its own, and a page with the plan of how they lie together. All panels of a row are written side by
 * side while its rows come; where rows of panels overlap, both are open.
 */
export class PanelExport implements PictureExport {
  readonly #parts: PanelParts;
  readonly #waiting: Panel[];
  #open: OpenPanel[] = [];
  #y = 0;
  #files = 0;

  constructor(parts: PanelParts) {
    this.#parts = parts;
    this.#waiting = [...parts.plan.panels];
  }

  get files(): number {
    return this.#files;
  }

  async push(pixels: Uint8Array<ArrayBuffer>): Promise<void> {
    const { picture } = this.#parts;
    const length = bytesPerRow(picture.width, picture);
    for (let at = 0; at < pixels.length; at += length) {
      const row = pixels.subarray(at, at + length);
      await this.#begin();
      for (const panel of this.#open) {
        // The rows that a panel has beyond the picture are copies of its first or last row.
        const { full } = panel.panel;
        const from = this.#y === 0 ? full.y : this.#y;
        const until = this.#y === picture.height - 1 ? full.y + full.height : this.#y + 1;
        for (let y = from; y < until; y++) await panel.row(row);
      }
      this.#y++;
      this.#open = this.#open.filter((panel) => panel.rows < panel.panel.full.height);
    }
  }

  async end(): Promise<void> {
    const { set, plan, picture, title, encoding, count } = this.#parts;
    const names = plan.panels.map((panel) => panelName(panel, plan, ENDINGS[encoding.kind]));
    const page = new TextEncoder().encode(panelPlanPage(title, picture, plan, names));
    await set.add('plan.html', [page]);
    count(page.length);
    this.#files++;
  }

  /** Opens the panels that begin with the row that comes. */
  async #begin(): Promise<void> {
    while (this.#waiting.length > 0 && Math.max(0, this.#waiting[0]!.full.y) <= this.#y) {
      const panel = this.#waiting.shift()!;
      const name = panelName(panel, this.#parts.plan, ENDINGS[this.#parts.encoding.kind]);
      const sink = await this.#parts.set.create(name);
      this.#open.push(new OpenPanel(panel, sink, this.#parts));
      this.#files++;
    }
  }
}
