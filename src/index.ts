/**
 * The engine as a module for pages: `new Upscaler().run({ source, sourceName, options, output })`. The page must serve the
 * built files from its own origin, with COOP and COEP for full speed. README.md has a worked example.
 */
export { Upscaler, type RunControl } from './workers/client.ts';
export { addOwnModel } from './workers/add-model.ts';
export { CATALOGUE, type BundledModel } from './models/catalogue.ts';
export { AI_DEFAULTS, type AiOptions, type AiReport, type ModelRef } from './core/ai.ts';
export type { JobRequest, JobResult, OutputTarget } from './workers/protocol.ts';
export { DEFAULT_OPTIONS, MAX_SCALE, MIN_SCALE, resolveTarget, type JobOptions, type Target } from './core/options.ts';
export { KERNEL_NAMES, METHOD_NAMES, type KernelName, type MethodName } from './core/resampling.ts';
export { ENGINE_NAMES, type EngineName } from './core/engine.ts';
export { OUTPUT_FORMATS, type OutputFormat, type SourceInfo } from './core/formats.ts';
export type { JobEvent, Receipt, StageTimings } from './core/job.ts';
export type { BandHook } from './core/hooks.ts';
export { plain, type Text } from './core/text.ts';
export { AppError, isAbort, type ErrorCode, type Refusal } from './core/errors.ts';
