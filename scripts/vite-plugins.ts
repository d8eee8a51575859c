/** What the build adds to the bundler's own work. */
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';
import { metaContentSecurityPolicy, SECURITY_HEADERS } from '../src/core/security-headers.ts';
import { webManifest } from './web-manifest.ts';

/** Puts the licence texts of the replaceable LGPL parts, and of the networks, into the app. */
export const licences: Plugin = {
  name: 'licences',
  generateBundle() {
    for (const file of ['LICENSE', 'THIRD-PARTY-NOTICES.md']) {
      const source = readFileSync(new URL(`../node_modules/wasm-vips/${file}`, import.meta.url));
      this.emitFile({ type: 'asset', fileName: `licences/wasm-vips/${file}`, source });
    }
    const source = readFileSync(new URL('../src/models/data/LICENCES.md', import.meta.url));
    this.emitFile({ type: 'asset', fileName: 'licences/models/LICENCES.md', source });
  },
};

/** `_headers` as Netlify and Cloudflare Pages read it; other hosts take the lines from there. */
function headersFile(): string {
  const lines = Object.entries(SECURITY_HEADERS).map(([name, value]) => `  ${name}: ${value}`);
  return `/*\n${lines.join('\n')}\n`;
}

/** The content security policy in every page, and all headers in a file for hosts. Not in development, whose server adds inline code. */
export const security: Plugin = {
  name: 'security',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'content-security-policy', content: metaContentSecurityPolicy() },
      injectTo: 'head-prepend',
    },
  ],
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: '_headers', source: headersFile() });
  },
};

/**
 * Lit's `styleMap` writes its first values into a `style` attribute, which the policy forbids, and later ones through the style object,
 * which it allows; this takes the second way from the start. Throws when a new version of Lit says something else there.
 */
export const styleMapByObject: Plugin = {
  name: 'style-map-by-object',
  apply: 'build',
  transform(code, id) {
    if (!/lit-html\/directives\/style-map\.js$/.test(id)) return null;
    const first = /(this\.\w+=new Set\(Object\.keys\((\w)\)\)),this\.render\(\2\)/;
    if (!first.test(code))
      throw new Error('lit-html/directives/style-map.js has changed: adapt scripts/vite-plugins.ts.');
    return code.replace(/return (this\.\w+=new Set\(Object\.keys\(\w\)\)),this\.render\(\w\);/, '$1;');
  },
};

/** The manifest, and what pages say of the app to the operating system. */
export const manifest: Plugin = {
  name: 'manifest',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (_, { filename }) =>
      /\/index\.html$/.test(filename)
        ? [{ tag: 'link', attrs: { rel: 'manifest', href: './manifest.webmanifest' }, injectTo: 'head' }]
        : [],
  },
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'manifest.webmanifest', source: JSON.stringify(webManifest, null, 2) });
  },
};
