/**
 * The only way from a string to running code. Imported for its effect by every module that starts a worker: where the browser enforces
 * Trusted Types (see `security-headers.ts`), addresses of scripts go through here, those of libraries too, and anything but a file of
 * the app's own origin is refused. Markup is refused but for none at all, which is how elements are emptied; Lit has a policy of its own.
 */

/** The part of https://w3c.github.io/trusted-types that is used; neither TypeScript's DOM nor WebWorker library has it. */
interface TrustedTypes {
  readonly defaultPolicy: object | null;
  createPolicy(
    name: string,
    rules: {
      readonly createScriptURL: (url: string) => string;
      readonly createHTML: (markup: string) => string | null;
    },
  ): object;
}

interface Scope {
  readonly trustedTypes?: TrustedTypes;
  readonly location: { readonly origin: string; readonly href: string };
}

/** The address if it is a file of this origin. Throws a TypeError for any other; `blob:` and `data:` hold code that is no file. */
export function ownScript(url: string, { origin, href }: Scope['location']): string {
  const { href: absolute } = new URL(url, href);
  if (!absolute.startsWith(`${origin}/`)) throw new TypeError(`No script may be loaded from ${absolute}.`);
  return url;
}

const scope = globalThis as unknown as Scope;

// Another page that uses the engine as a module may have a policy of its own.
if (scope.trustedTypes && scope.trustedTypes.defaultPolicy === null) {
  scope.trustedTypes.createPolicy('default', {
    createScriptURL: (url) => ownScript(url, scope.location),
    createHTML: (markup) => (markup === '' ? markup : null),
  });
}
