import type { SourceInfo } from '../core/formats.ts';
import type { Receipt, ReceiptTexts } from '../core/job.ts';
import { inEnglish, type Words } from '../core/text.ts';
import type { JobRequest } from './job-request.ts';
import type { JobPlan } from './plan-job.ts';

export const APP_NAME = 'Pro Upscaler';
export const APP_VERSION = '0.1.0';

/** What only the end of a job knows. */
export type JobEnd = Pick<Receipt, 'engine' | 'ai' | 'bands' | 'keptBands' | 'timings' | 'ledgerPeakBytes'> & {
  readonly texts: ReceiptTexts;
  readonly outputName: string;
  readonly outputBytes: number;
  readonly quality: number;
  readonly files: number | null;
};

const english = (sentences: readonly Words[]): readonly string[] => sentences.map(inEnglish);

/** The record of a finished job. */
export function makeReceipt(request: JobRequest, info: SourceInfo, plan: JobPlan, end: JobEnd): Receipt {
  const { outputName, outputBytes, quality, files, ...rest } = end;
  const { picture, upright } = plan;
  return {
    app: APP_NAME,
    version: APP_VERSION,
    input: { name: request.sourceName, bytes: request.source.size, format: info.format, ...upright },
    output: {
      ...{ name: outputName, bytes: outputBytes, format: plan.meta.format, depth: picture.depth },
      ...(plan.meta.lossy ? { quality } : {}),
      ...(files === null ? {} : { files }),
      ...{ width: picture.width, height: picture.height },
    },
    options: request.options,
    ...rest,
    engineReason: english(rest.texts.engineReason).join(' '),
    metadataKept: english(rest.texts.metadataKept),
    metadataDropped: english(rest.texts.metadataDropped),
    warnings: english(rest.texts.warnings),
  };
}
