/** The web app manifest, made from the same lists that the app works with. */
import { LAUNCH_PRESETS, PRESET_PARAMETER } from '../src/app/launch-presets.ts';
import { INPUT_FILE_TYPES } from '../src/core/input-types.ts';
import { SHARE_FIELD, SHARE_TARGET } from '../src/core/offline.ts';

const types = Object.keys(INPUT_FILE_TYPES);
const extensions = Object.values(INPUT_FILE_TYPES)
  .flat()
  .map((extension) => `.${extension}`);

const accept = Object.fromEntries(
  Object.entries(INPUT_FILE_TYPES).map(([type, endings]) => [type, endings.map((ending) => `.${ending}`)]),
);

const png = (src: string, sizes: string) => ({ src, sizes, type: 'image/png' });

/**
 * All addresses are relative to the manifest, so that the app can lie in any folder of a host; the id alone is relative to the origin
 * (https://www.w3.org/TR/appmanifest/#id-member), and so has a name that no other app there will have.
 */
export const webManifest = {
  id: 'pro-upscaler',
  name: 'Pro Upscaler',
  short_name: 'Upscaler',
  description: 'Enlarges pictures up to gigapixels, privately, on this device.',
  start_url: './',
  scope: './',
  display: 'standalone',
  display_override: ['window-controls-overlay', 'standalone', 'minimal-ui'],
  orientation: 'any',
  theme_color: '#ffffff',
  background_color: '#f6f7fb',
  lang: 'en',
  dir: 'auto',
  categories: ['photo', 'graphics', 'productivity', 'utilities'],
  icons: [
    { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
    { ...png('icons/icon-192.png', '192x192'), purpose: 'any' },
    { ...png('icons/icon-512.png', '512x512'), purpose: 'any' },
    { ...png('icons/maskable-192.png', '192x192'), purpose: 'maskable' },
    { ...png('icons/maskable-512.png', '512x512'), purpose: 'maskable' },
    { ...png('icons/monochrome-512.png', '512x512'), purpose: 'monochrome' },
  ],
  screenshots: [
    {
      ...png('screenshots/wide.png', '1280x800'),
      form_factor: 'wide',
      label: 'A photo, and the size that it is to have',
    },
    { ...png('screenshots/narrow.png', '720x1280'), form_factor: 'narrow', label: 'The same on a telephone' },
  ],
  shortcuts: Object.entries(LAUNCH_PRESETS).map(([preset, { name }]) => ({
    name,
    url: `./?${PRESET_PARAMETER}=${preset}`,
    icons: [png('icons/icon-192.png', '192x192')],
  })),
  launch_handler: { client_mode: ['focus-existing', 'auto'] },
  handle_links: 'preferred',
  file_handlers: [{ action: './', accept, launch_type: 'single-client' }],
  share_target: {
    action: `./${SHARE_TARGET}`,
    method: 'POST',
    enctype: 'multipart/form-data',
    params: { files: [{ name: SHARE_FIELD, accept: ['image/*', ...types, ...extensions] }] },
  },
};
