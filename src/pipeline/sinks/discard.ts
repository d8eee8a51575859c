import type { OutputTarget } from '../job-request.ts';

/** Takes away what the page created for a job that never got as far as opening its sink. Safe to call after the sink's own abort. */
export async function discardTarget(target: OutputTarget): Promise<void> {
  if (target.kind === 'file' && target.created) await removeFile(target.handle).catch(() => undefined);
}

/** `remove` is not in every browser; without it an empty file stays behind, which is all that can be done. */
export async function removeFile(handle: FileSystemFileHandle): Promise<void> {
  await (handle as FileSystemFileHandle & { remove?: () => Promise<void> }).remove?.();
}
