import { AppError } from '../core/errors.ts';
import type { JobOptions } from '../core/options.ts';
import type { TargetFor } from './destination.ts';
import { templateProblem, type Naming, type OutputPath } from './naming.ts';
import type { Picture, ResultPlace } from './picture.ts';
import type { JobPlanner } from './queue.ts';
import { toJobOptions } from './settings.ts';

/** What a plan is made of beside the picture itself. */
export interface PlanParts {
  /** The output folder that was chosen; null where results do not go into one. */
  readonly root: () => FileSystemDirectoryHandle | null;
  readonly naming: () => Naming;
  readonly path: (picture: Picture) => OutputPath | null;
  /** The name to keep the finished bands of a job under; null when they are not worth it. */
  readonly stage: (picture: Picture, options: JobOptions) => string | null;
}

/** Plans jobs when their turn comes, with the settings and names of that moment. */
export function jobPlanner(targetFor: TargetFor, { root, naming, path, stage }: PlanParts): JobPlanner {
  return async (picture) => {
    const wanted = path(picture);
    if (wanted === null) {
      const problem = templateProblem(naming().template);
      throw new AppError('bad-options', problem?.message ?? `${picture.name} has not been read.`, {
        remedy: problem?.remedy ?? '',
      });
    }
    const { folders } = wanted;
    const output = await targetFor(wanted, naming().existing);
    if (output === null) return { kind: 'skip', name: [...folders, wanted.name].join('/') };
    const place = (name: string, blob: Blob | null): ResultPlace => {
      if (output.kind === 'file') return { kind: 'file', handle: output.handle };
      if (output.kind === 'folder') return { kind: 'folder', handle: root() ?? output.handle, folders, name };
      const stored = output.kind === 'opfs' ? name : null;
      // The private storage numbers names that are taken; the person gets the one that was meant.
      return { kind: 'blob', blob: blob ?? new Blob(), folders, name: wanted.name, stored };
    };
    const options = toJobOptions(picture.settings);
    return {
      ...{ kind: 'job', options, output, stage: stage(picture, options) },
      folders: output.kind === 'folder' ? folders : [],
      place: ({ receipt, file }) => place(receipt.output.name, file),
    };
  };
}
