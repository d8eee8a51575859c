import type { BandEncoding } from '../../core/encoding.ts';
import type { Metadata } from '../../core/metadata.ts';
import type { JobRequest } from '../job-request.ts';
import type { JobPlan } from '../plan-job.ts';
import type { JobServices } from '../services.ts';
import type { OpenedSet, OpenedSink } from '../sinks/open.ts';
import { coderMaker } from './coders.ts';
import { DeepZoomExport } from './deep-zoom.ts';
import { PanelExport } from './panels.ts';
import type { PictureExport } from './picture-export.ts';
import { PyramidExport } from './pyramid-tiff.ts';

/** What an export is made of, and where it goes: a set of files, or for a pyramid a single one. */
export interface ExportParts {
  readonly request: JobRequest;
  readonly services: Pick<JobServices, 'kernels' | 'viewerProgram'>;
  readonly plan: JobPlan;
  readonly output: OpenedSink | OpenedSet;
  readonly encoding: BandEncoding;
  readonly metadata: Metadata;
}

/** An export that can be asked how many bytes it has written since the last time. */
export interface OpenedExport extends PictureExport {
  newBytes(): number;
}

/** A picture's name for people: its file's, without the ending. */
const titleOf = (name: string): string => name.replace(/\.[^.]*$/, '') || name;

/** Begins the export that the job asks for. */
export async function openExport(given: ExportParts): Promise<OpenedExport> {
  const { request, services, plan, output, encoding, metadata } = given;
  const make = await coderMaker((await services.kernels()?.catch(() => null)) ?? null);
  let bytes = 0;
  const count = (more: number): void => void (bytes += more);
  const { picture, panels } = plan;
  const parts = { picture, encoding, make, metadata, title: titleOf(request.sourceName), count };
  const open = async (): Promise<PictureExport> => {
    if (!('set' in output)) return new PyramidExport({ ...parts, sink: output.sink, level: request.options.level });
    if (panels !== null) return new PanelExport({ ...parts, set: output.set, plan: panels });
    return new DeepZoomExport({ ...parts, set: output.set, viewer: await services.viewerProgram() });
  };
  const made = await open();
  return {
    push: (pixels) => made.push(pixels),
    end: () => made.end(),
    get files() {
      return made.files;
    },
    newBytes() {
      const more = bytes;
      bytes = 0;
      return more;
    },
  };
}
