/**
 * The headers that every response of the app carries, whoever sends it: the server of `npm start`, the service worker where a host
 * sends none, and hosts that read the built `_headers` file. One list, so that they cannot differ.
 */

/**
 * What the app may load and run: its own files. `blob:` are results and previews; `wasm-unsafe-eval` compiles WebAssembly and nothing
 * else. Strings become neither code nor markup: script addresses go through the policy of `script-policy.ts`, markup through Lit's.
 */
const CONTENT_SECURITY_POLICY: Readonly<Record<string, string>> = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' blob: data:",
  'media-src': "'self' blob:",
  'font-src': "'self'",
  'connect-src': "'self' blob:",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'self'",
  'require-trusted-types-for': "'script'",
  'trusted-types': 'default lit-html',
};

/** Not understood in a `<meta>` element, which browsers report as an error. */
const ONLY_IN_HEADERS = ['frame-ancestors'];

const policyText = (directives: readonly (readonly [string, string])[]): string =>
  directives.map(([name, value]) => `${name} ${value}`).join('; ');

/** The content security policy as a header has it. */
export const contentSecurityPolicy = (): string => policyText(Object.entries(CONTENT_SECURITY_POLICY));

/** The same for a `<meta>` element: it protects the first visit to a host that sends no headers. */
export const metaContentSecurityPolicy = (): string =>
  policyText(Object.entries(CONTENT_SECURITY_POLICY).filter(([name]) => !ONLY_IN_HEADERS.includes(name)));

/** Powers of the browser that no picture needs. */
const DENIED = [
  ...['accelerometer', 'autoplay', 'camera', 'display-capture', 'encrypted-media', 'geolocation', 'gyroscope', 'hid'],
  ...[
    'magnetometer',
    'microphone',
    'midi',
    'payment',
    'publickey-credentials-get',
    'serial',
    'usb',
    'xr-spatial-tracking',
  ],
];

/** Cross-origin isolation, which SharedArrayBuffer and WASM threads need. */
export const ISOLATION_HEADERS: Readonly<Record<string, string>> = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
};

/** All of them, by lower-case name. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  ...ISOLATION_HEADERS,
  'content-security-policy': contentSecurityPolicy(),
  'permissions-policy': DENIED.map((feature) => `${feature}=()`).join(', '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
