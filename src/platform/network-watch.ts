/** Requests that this page made since it was opened. */
export interface Requests {
  /** To the origin that the page came from. */
  readonly own: number;
  /** To anybody else, those included that the content security policy stopped. */
  readonly foreign: number;
}

let requests: Requests = { own: 0, foreign: 0 };

/** Starts counting; what was requested before is counted, too. */
export function watchNetwork(): void {
  const isOwn = (url: string): boolean => /^(blob|data):/.test(url) || new URL(url).origin === location.origin;
  const observer = new PerformanceObserver((list) => {
    for (const { name } of list.getEntries()) {
      if (/^(blob|data):/.test(name)) continue;
      requests = isOwn(name) ? { ...requests, own: requests.own + 1 } : { ...requests, foreign: requests.foreign + 1 };
    }
  });
  observer.observe({ type: 'resource', buffered: true });
  document.addEventListener('securitypolicyviolation', (event) => {
    const stopped = URL.canParse(event.blockedURI) && !isOwn(event.blockedURI);
    if (stopped) requests = { ...requests, foreign: requests.foreign + 1 };
  });
}

export const readRequests = (): Requests => requests;
