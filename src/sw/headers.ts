import { SECURITY_HEADERS } from '../core/security-headers.ts';

/** The statuses whose responses may have no body. */
const WITHOUT_BODY = [101, 204, 205, 304];

const complete = (headers: Headers): boolean =>
  Object.entries(SECURITY_HEADERS).every(([name, value]) => headers.get(name) === value);

/**
 * The response with all headers of the app, for hosts that send none. Cross-origin isolation and the security policy need them on
 * every page and every worker's script. One that has them stays itself, and with it what the browser has compiled of it.
 */
export function withHeaders(response: Response): Response {
  if (response.status === 0 || response.type === 'error' || complete(response.headers)) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) headers.set(name, value);
  const body = WITHOUT_BODY.includes(response.status) ? null : response.body;
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
}

/** For workbox: responses get the headers as they go into a cache, and, where an earlier version put them there, on their way out. */
export const headersPlugin = {
  cacheWillUpdate: ({ response }: { readonly response: Response }): Promise<Response | null> =>
    Promise.resolve(response.status === 200 ? withHeaders(response) : null),
  handlerWillRespond: ({ response }: { readonly response: Response }): Promise<Response> =>
    Promise.resolve(withHeaders(response)),
};
