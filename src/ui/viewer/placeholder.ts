import OpenSeadragon from 'openseadragon';

let made = 0;

/**
 * A picture that is there already, as one tile, for as long as `bitmap` is open. It is drawn from a canvas: an image element would leave its
 * file and its decoded pixels in the browser's caches, picture after picture, up to hundreds of megabytes.
 */
export function makePlaceholder(bitmap: ImageBitmap): OpenSeadragon.TileSource {
  const { width, height } = bitmap;
  const level = Math.ceil(Math.log2(Math.max(width, height, 2)));
  const only = { minLevel: level, maxLevel: level, tileSize: 2 ** level };
  const source = new OpenSeadragon.TileSource({ width, height, ...only });
  // Never fetched: it only has to be unique.
  const key = `placeholder/${++made}`;
  source.getTileUrl = source.getTileHashKey = () => key;
  source.hasTransparency = () => true;
  source.downloadTileStart = (job) => {
    if (bitmap.width === 0) {
      job.fail('The picture was closed.', null);
      return;
    }
    // Drawn for each request: the viewer empties the canvas of a tile that its cache has no room for, and asks again.
    const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    job.finish(context, null, 'context2d');
  };
  source.downloadTileAbort = () => undefined;
  return source;
}
