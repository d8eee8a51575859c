import { INBOX_CACHE, INBOX_NAME_HEADER, SHARE_FIELD, SHARED_PARAMETER, type ShareOutcome } from '../core/offline.ts';

/** Puts the files of a share where the page finds them. Rejects where the disk has no room; nothing of the share stays then. */
async function keep(files: readonly File[], scope: string): Promise<void> {
  const inbox = await caches.open(INBOX_CACHE);
  // Later shares sort after earlier ones that no page has taken yet.
  const share = Date.now().toString().padStart(15, '0');
  const kept: string[] = [];
  try {
    for (const [index, file] of files.entries()) {
      const address = new URL(`inbox/${share}-${String(index).padStart(5, '0')}`, scope).href;
      const headers = {
        'content-type': file.type || 'application/octet-stream',
        [INBOX_NAME_HEADER]: encodeURIComponent(file.name),
      };
      kept.push(address);
      await inbox.put(address, new Response(file, { headers }));
    }
  } catch (error) {
    await Promise.all(kept.map((address) => inbox.delete(address)));
    throw error;
  }
}

async function receive(request: Request, scope: string): Promise<ShareOutcome> {
  const form = await request.formData().catch(() => null);
  const files = (form?.getAll(SHARE_FIELD) ?? []).filter(
    (entry): entry is File => entry instanceof File && entry.size > 0,
  );
  if (files.length === 0) return 'none';
  try {
    await keep(files, scope);
    return 'files';
  } catch {
    return 'full';
  }
}

/** Answers the form that another app's share posts: with the page, which takes the files out of the inbox and says how it went. */
export async function answerShare(request: Request, scope: string): Promise<Response> {
  const outcome = await receive(request, scope);
  const page = new URL(scope);
  page.searchParams.set(SHARED_PARAMETER, outcome);
  return Response.redirect(page.href, 303);
}
