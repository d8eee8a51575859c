import { INBOX_CACHE, INBOX_NAME_HEADER } from '../core/offline.ts';
import { fromHandles, type GivenFile } from './given-files.ts';

/** https://wicg.github.io/web-app-launch; Chromium's alone. */
interface LaunchParams {
  readonly targetURL?: string;
  readonly files: readonly FileSystemFileHandle[];
}

interface LaunchQueue {
  setConsumer(consumer: (launch: LaunchParams) => void): void;
}

/** What the operating system opened the app with. */
export interface Launch {
  readonly files: Promise<readonly GivenFile[]>;
  /** The query of the address, of a shortcut or a link. */
  readonly query: URLSearchParams;
}

/** Calls `onLaunch` for every launch of the installed app that reaches this window, the one that opened it included. */
export function listenForLaunches(onLaunch: (launch: Launch) => void): void {
  const { launchQueue } = window as Window & { readonly launchQueue?: LaunchQueue };
  launchQueue?.setConsumer(({ targetURL, files }) => {
    onLaunch({ files: fromHandles(files), query: new URL(targetURL ?? location.href).searchParams });
  });
}

/** Takes out of the inbox what other apps have shared, in the order it came. */
export async function takeInbox(): Promise<readonly GivenFile[]> {
  if (!('caches' in window)) return [];
  const inbox = await caches.open(INBOX_CACHE);
  const requests = [...(await inbox.keys())].sort((a, b) => a.url.localeCompare(b.url));
  const files: GivenFile[] = [];
  for (const request of requests) {
    const response = await inbox.match(request);
    const blob = await response?.blob();
    if (blob) {
      const name = decodeURIComponent(response?.headers.get(INBOX_NAME_HEADER) ?? 'shared');
      files.push({ file: new File([blob], name, { type: blob.type }), handle: null });
    }
    // The blob stays readable while the page holds it.
    await inbox.delete(request);
  }
  return files;
}
