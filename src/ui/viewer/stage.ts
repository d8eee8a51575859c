import OpenSeadragon from 'openseadragon';
import type { Size } from '../../core/geometry.ts';
import { makePlaceholder } from './placeholder.ts';
import { PreviewTiles, type Layer } from './preview-tiles.ts';

/** Where a layer lies: the picture as it comes at once, the left side of a comparison, and its right side or all. */
export type Slot = 'placeholder' | 'before' | 'after';

/** Which of the sides are seen: one of them, or both with a border between them. */
export type Shown =
  { readonly kind: 'one'; readonly slot: 'before' | 'after' } | { readonly kind: 'split'; readonly at: number };

/** What part of the picture is seen, in its own width: 0..1 from its left border, and as much downwards. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Item {
  readonly slot: Slot;
  readonly tiles: PreviewTiles | null;
  readonly image: OpenSeadragon.TiledImage;
  /** It is to be seen, as soon as something of it is there. */
  seen: boolean;
  /** Something of it is there to be drawn. */
  begun: boolean;
  /** It has covered all that was in sight: from now on something of it is there wherever it is looked at. */
  covered: boolean;
}

/** A pixel of the result may become so many on the screen. */
const MOST_ZOOM = 40;

/** A picture that would fit so many times is enlarged to be seen at all. */
const TINY = 4;

/** Milliseconds that a tile may take: those of a giant wait until it is read. */
const TILE_TIMEOUT = 30 * 60_000;

export interface StageEvents {
  /** The part that is seen, or how large it is, has changed. */
  view(): void;
  /** All tiles in sight are there, or not any more. */
  loaded(isLoaded: boolean): void;
  error(error: unknown): void;
}

/**
 * OpenSeadragon adds a style element for touch screens unless one is there, which the content security policy forbids. An element of that
 * name in another namespace counts as one, and styles nothing.
 */
function forestallStyles(): void {
  const MATHML = 'http://www.w3.org/1998/Math/MathML';
  if (document.querySelector('style[data-openseadragon-mobile-css]') !== null) return;
  const stand = document.createElementNS(MATHML, 'style');
  stand.setAttribute('data-openseadragon-mobile-css', '');
  document.head.append(stand);
}

/** A surface on which layers of one picture are zoomed and moved together. */
export class Stage {
  readonly #viewer: OpenSeadragon.Viewer;
  readonly #events: StageEvents;
  #items: Item[] = [];
  #placeholder: OpenSeadragon.TileSource | null = null;
  #shown: Shown = { kind: 'one', slot: 'after' };
  /** The size in which zoom is told: the result's. */
  #size: Size = { width: 1, height: 1 };
  #pixelated = false;
  /** The whole picture is shown, until somebody zooms or moves. */
  #fitted = true;
  /** What was called for before may come after: a frame, a picture that was being loaded. */
  #destroyed = false;

  constructor(element: HTMLElement, events: StageEvents) {
    this.#events = events;
    forestallStyles();
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#viewer = new OpenSeadragon.Viewer({
      element,
      drawer: 'canvas',
      showNavigationControl: false,
      autoResize: true,
      preserveImageSizeOnResize: true,
      // Tiles are asked for as long as they are seen; the worker decides on the order.
      imageLoaderLimit: 0,
      timeout: TILE_TIMEOUT,
      maxTilesPerFrame: 6,
      maxImageCacheCount: 120,
      animationTime: still ? 0 : 0.4,
      blendTime: 0,
      alwaysBlend: false,
      immediateRender: false,
      visibilityRatio: 0.4,
      constrainDuringPan: true,
      minZoomImageRatio: 0.7,
      maxZoomPixelRatio: MOST_ZOOM,
      zoomPerScroll: 1.25,
      smoothTileEdgesMinZoom: Infinity,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true, flickEnabled: false },
      gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true, flickEnabled: true, pinchRotate: false },
      keyboardNavEnabled: false,
      tabIndex: -1,
    });
    this.#viewer.addHandler('update-viewport', () => this.#onView());
    this.#viewer.addHandler('resize', () => {
      // After the viewer has taken the new size in.
      requestAnimationFrame(() => {
        if (this.#destroyed) return;
        if (this.#fitted && this.#viewer.viewport) this.fit(true);
        this.#onView();
      });
    });
    for (const gesture of ['canvas-scroll', 'canvas-drag', 'canvas-pinch', 'canvas-double-click'] as const) {
      this.#viewer.addHandler(gesture, () => (this.#fitted = false));
    }
    this.#viewer.addHandler('animation-finish', () => this.#prune());
  }

  /** The size that zoom is told in and positions are counted in. */
  setSize(size: Size): void {
    this.#size = size;
    this.#onView();
  }

  /** Shows a picture that is there already wherever a layer is not yet. */
  setPlaceholder(bitmap: ImageBitmap | null): void {
    // One that is closed has been given up for the next picture's.
    const source = bitmap === null || bitmap.width === 0 ? null : makePlaceholder(bitmap);
    this.#placeholder = source;
    this.#remove((item) => item.slot === 'placeholder');
    if (source === null) return;
    this.#viewer.addTiledImage({
      tileSource: source,
      index: 0,
      ...{ x: 0, y: 0, width: 1 },
      success: (event) => {
        const { item } = event as unknown as { item: OpenSeadragon.TiledImage };
        if (this.#destroyed) return;
        // It may have come too late.
        if (this.#placeholder !== source) {
          this.#viewer.world.removeItem(item);
          return;
        }
        this.#items.push({ slot: 'placeholder', tiles: null, image: item, seen: true, begun: true, covered: true });
        this.#arrange();
        if (this.#fitted) this.fit(true);
      },
    });
  }

  /** Puts a layer into a slot. The one that was there stays below until the new one is whole. */
  setLayer(slot: 'before' | 'after', layer: Layer | null): void {
    const old = this.#items.filter((item) => item.slot === slot);
    if (old.at(-1)?.tiles?.layer.key === layer?.key) return;
    if (layer === null) {
      this.#remove((item) => item.slot === slot);
      return;
    }
    // Of those that wait below, one is enough.
    this.#remove(
      (item) => item.slot === slot && item !== old.at(-1) && item !== old.find(({ image }) => image.getFullyLoaded()),
    );
    for (const item of old) item.tiles?.close();
    const tiles = new PreviewTiles(
      layer,
      (error) => this.#events.error(error),
      () => this.#onTile(tiles),
    );
    this.#viewer.addTiledImage({
      tileSource: tiles.source,
      ...{ x: 0, y: 0, width: 1 },
      success: (event) => {
        const image = (event as unknown as { item: OpenSeadragon.TiledImage }).item;
        const item: Item = { slot, tiles, image, seen: true, begun: false, covered: false };
        this.#items.push(item);
        this.#arrange();
        image.addHandler('fully-loaded-change', () => this.#onLoaded(item));
        if (this.#fitted) this.fit(true);
      },
    });
  }

  /** Takes everything away: another picture comes, whole. */
  clear(): void {
    this.#remove(() => true);
    this.#fitted = true;
  }

  show(shown: Shown): void {
    this.#shown = shown;
    this.#arrange();
  }

  /** Everything in sight is there. */
  get isLoaded(): boolean {
    return this.#items.length > 0 && this.#items.every(({ seen, image }) => !seen || image.getFullyLoaded());
  }

  /** Tiles that are being computed. */
  get pending(): number {
    return this.#items.reduce((sum, { tiles }) => sum + (tiles?.pending ?? 0), 0);
  }

  /** In CSS pixels, as the viewer knows it: to ask the page, with every frame of a movement, would lay it out each time. */
  get #surface(): OpenSeadragon.Point {
    return this.#viewer.viewport?.getContainerSize() ?? new OpenSeadragon.Point(0, 0);
  }

  /** Pixels of the screen for a pixel of the result. */
  get zoom(): number {
    const { viewport } = this.#viewer;
    const width = this.#surface.x;
    if (!viewport || width === 0) return 1;
    return (viewport.getZoom(true) * width * devicePixelRatio) / this.#size.width;
  }

  /** Sets how many pixels of the screen a pixel of the result gets, around the middle. */
  zoomTo(zoom: number, immediately = false): void {
    this.#fitted = false;
    const { viewport } = this.#viewer;
    viewport.zoomTo((zoom * this.#size.width) / (this.#surface.x * devicePixelRatio), undefined, immediately);
    viewport.applyConstraints(immediately);
    if (zoom === 1) this.#snap();
  }

  zoomBy(factor: number): void {
    this.#fitted = false;
    this.#viewer.viewport.zoomBy(factor);
    this.#viewer.viewport.applyConstraints();
  }

  /** Moves by shares of what is seen. */
  panBy(x: number, y: number): void {
    this.#fitted = false;
    const { viewport } = this.#viewer;
    const { width, height } = viewport.getBounds();
    viewport.panBy(new OpenSeadragon.Point(x * width, y * height));
    viewport.applyConstraints();
  }

  /** Shows the whole picture. What is smaller than the surface stays at its own size, unless it is tiny. */
  fit(immediately = false): void {
    this.#fitted = true;
    const { viewport } = this.#viewer;
    const { width, height } = this.#size;
    const { x, y } = this.#surface;
    const [across, down] = [x * devicePixelRatio, y * devicePixelRatio];
    if (across === 0 || down === 0) return;
    const fits = Math.min(across / width, down / height);
    const zoom = fits < 1 ? fits : fits < TINY ? 1 : Math.floor(fits / 2);
    viewport.panTo(new OpenSeadragon.Point(0.5, (0.5 * height) / width), immediately);
    viewport.zoomTo((zoom * width) / across, undefined, immediately);
  }

  get view(): View {
    const { x, y, width, height } = this.#viewer.viewport.getBounds(true);
    return { x, y, width, height };
  }

  /** Shows a part of the picture at once: to follow another stage. */
  follow(other: Stage): void {
    this.#fitted = other.#fitted;
    const { viewport } = this.#viewer;
    const theirs = other.#viewer.viewport;
    viewport.zoomTo(theirs.getZoom(true), undefined, true);
    viewport.panTo(theirs.getCenter(true), true);
  }

  /** The pixel of the result under a point of the element; may lie outside of the picture. */
  pixelAt(clientX: number, clientY: number): { readonly x: number; readonly y: number } {
    const { left, top } = this.#viewer.element.getBoundingClientRect();
    const point = this.#viewer.viewport.pointFromPixel(new OpenSeadragon.Point(clientX - left, clientY - top), true);
    return { x: Math.floor(point.x * this.#size.width), y: Math.floor(point.y * this.#size.width) };
  }

  destroy(): void {
    this.#destroyed = true;
    for (const { tiles } of this.#items) tiles?.close();
    this.#items = [];
    this.#viewer.destroy();
  }

  /** Pixels of the result on pixels of the screen, not between them. */
  #snap(): void {
    const { viewport } = this.#viewer;
    const centre = viewport.getCenter(false);
    const scale = this.#size.width;
    const { x, y } = this.#surface;
    const [halfX, halfY] = [x / 2, y / 2].map((half) => half * devicePixelRatio);
    const snapped = (value: number, half: number): number => (Math.round(value * scale - half) + half) / scale;
    viewport.panTo(new OpenSeadragon.Point(snapped(centre.x, halfX!), snapped(centre.y, halfY!)));
  }

  #onView(): void {
    const pixelated = this.zoom > 0.999;
    if (pixelated !== this.#pixelated) {
      this.#pixelated = pixelated;
      this.#viewer.drawer.setImageSmoothingEnabled(!pixelated);
    }
    if (this.#shown.kind === 'split') this.#arrange();
    this.#prune();
    this.#events.view();
  }

  #onTile(tiles: PreviewTiles): void {
    const item = this.#items.find((one) => one.tiles === tiles);
    if (item === undefined || item.begun) return;
    item.begun = true;
    this.#arrange();
  }

  #onLoaded(item: Item): void {
    if (item.image.getFullyLoaded()) {
      item.begun = true;
      item.covered = true;
      const newest = this.#items.findLast(({ slot }) => slot === item.slot);
      if (newest === item) this.#remove((other) => other.slot === item.slot && other !== item);
      this.#arrange();
    }
    this.#events.loaded(this.isLoaded);
  }

  #remove(isOld: (item: Item) => boolean): void {
    for (const item of this.#items.filter(isOld)) {
      item.tiles?.close();
      this.#viewer.world.removeItem(item.image);
    }
    this.#items = this.#items.filter((item) => !isOld(item));
  }

  /** Clips each side to its part of the surface, and hides what is not shown. */
  #arrange(): void {
    const shown = this.#shown;
    for (const item of this.#items) {
      const { slot } = item;
      const isSeen = (side: 'before' | 'after'): boolean =>
        (shown.kind === 'split' || shown.slot === side) &&
        (slot === side || (slot === 'placeholder' && !this.#isCovered(side)));
      this.#clip(item, isSeen('before'), isSeen('after'));
    }
  }

  #isCovered(side: 'before' | 'after'): boolean {
    return this.#items.some(({ slot, covered }) => slot === side && covered);
  }

  #clip(item: Item, before: boolean, after: boolean): void {
    const shown = this.#shown;
    const { image } = item;
    item.seen = before || after;
    this.#setVisible(item);
    if (shown.kind === 'one' || before === after) {
      // Even the same is drawn anew.
      if (image.getClip() !== null) image.setClip(null);
      return;
    }
    const bounds = this.#viewer.viewport.getBounds(true);
    const { x: width, y: height } = image.getContentSize();
    const border = (bounds.x + shown.at * bounds.width) * width;
    const [left, right] = before ? [0, border] : [border, width];
    const from = Math.min(Math.max(left, 0), width);
    const to = Math.min(Math.max(right, 0), width);
    if (to > from) image.setClip(new OpenSeadragon.Rect(from, 0, to - from, height));
    else {
      item.seen = false;
      this.#setVisible(item);
    }
  }

  /** What is visible and has nothing to draw yet makes OpenSeadragon draw all the surface in every frame: until then, its tiles are only loaded. */
  #setVisible({ image, seen, begun }: Item): void {
    const opacity = Number(seen && begun);
    if (image.getOpacity() !== opacity) image.setOpacity(opacity);
    if (image.getPreload() !== (seen && !begun)) image.setPreload(seen && !begun);
  }

  /** Drops requests for what is out of sight, or finer than what is looked at. */
  #prune(): void {
    const { viewport } = this.#viewer;
    if (!viewport) return;
    const seen = viewport.getBounds(false);
    for (const { tiles, seen: isSeen } of this.#items) {
      if (tiles === null || tiles.pending === 0) continue;
      const { size } = tiles.layer;
      const needed = tiles.source.maxLevel + Math.log2((this.zoom * this.#size.width) / size.width);
      tiles.prune(({ level, bounds }) => {
        if (!isSeen || level > needed + 1.5) return false;
        const { x, y, width, height } = bounds;
        return x < seen.x + seen.width && x + width > seen.x && y < seen.y + seen.height && y + height > seen.y;
      });
    }
  }
}
