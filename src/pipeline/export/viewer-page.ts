/** Text as it stands in HTML. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * The page that shows deep-zoom tiles, as paths and contents. It works from the disk, where scripts may not read files: the description
 * of the tiles is in the script, and the tiles come as pictures. Nothing in it points to another place.
 */
export function viewerPage(title: string, source: unknown): readonly (readonly [string, string])[] {
  const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escapeHtml(title)}</title>
    <link rel="stylesheet" href="viewer/viewer.css" />
  </head>
  <body>
    <main id="picture" aria-label="${escapeHtml(title)}"></main>
    <noscript>This page needs JavaScript to show the picture. Any viewer of Deep Zoom images opens picture.dzi.</noscript>
    <script src="viewer/openseadragon.min.js"></script>
    <script src="viewer/viewer.js"></script>
  </body>
</html>
`;
  const style = `html,
body,
main {
  width: 100%;
  height: 100%;
  margin: 0;
  background: #16181d;
  color: #fff;
  font: 1rem/1.5 system-ui, sans-serif;
}

noscript {
  position: fixed;
  inset: 2rem;
}
`;
  // The canvas drawer: pictures from the disk may be drawn, but not read, which WebGL would need.
  const script = `OpenSeadragon({
  element: document.getElementById('picture'),
  tileSources: ${JSON.stringify(source, null, 2).replaceAll('\n', '\n  ')},
  drawer: 'canvas',
  crossOriginPolicy: false,
  showNavigationControl: false,
  maxZoomPixelRatio: 8,
  gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
});
`;
  return [
    ['index.html', page],
    ['viewer/viewer.css', style],
    ['viewer/viewer.js', script],
  ];
}
