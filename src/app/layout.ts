import type { KeyValueStorage } from './settings-store.ts';
import { Store } from './store.ts';

/** The panes beside the viewer. */
export type SidePane = 'queue' | 'settings';

/** How the screen is divided. */
export interface Layout {
  /** Whether the panes are open, where there is room for all. */
  readonly open: Readonly<Record<SidePane, boolean>>;
  /** CSS pixels, where there is room for all; null until a divider is moved. */
  readonly width: Readonly<Record<SidePane, number | null>>;
  /** The pane that is in front where they share their place. */
  readonly front: SidePane;
  /** The viewer's share of a smaller screen, per cent. */
  readonly viewerShare: number;
}

const KEY = 'pro-upscaler.layout';
const STANDARD: Layout = {
  open: { queue: true, settings: true },
  width: { queue: null, settings: null },
  front: 'settings',
  viewerShare: 42,
};

function read(storage: KeyValueStorage): Layout {
  try {
    const stored = JSON.parse(storage.getItem(KEY) ?? 'null') as Partial<Layout> | null;
    const width = (pane: SidePane): number | null => {
      const value = stored?.width?.[pane];
      return typeof value === 'number' && value > 0 ? value : null;
    };
    const share = stored?.viewerShare;
    return {
      open: { queue: stored?.open?.queue !== false, settings: stored?.open?.settings !== false },
      width: { queue: width('queue'), settings: width('settings') },
      front: stored?.front === 'queue' ? 'queue' : 'settings',
      viewerShare: typeof share === 'number' && share >= 0 && share <= 100 ? share : STANDARD.viewerShare,
    };
  } catch {
    return STANDARD;
  }
}

/** The layout, kept from visit to visit where the browser allows it. */
export class LayoutStore extends Store<Layout> {
  readonly #storage: KeyValueStorage;

  constructor(storage: KeyValueStorage) {
    super(read(storage));
    this.#storage = storage;
  }

  /** Opens or closes a pane; where the panes share their place, brings it to the front. */
  toggle(pane: SidePane): void {
    const { open } = this.value;
    this.#keep({ ...this.value, open: { ...open, [pane]: !open[pane] }, front: pane });
  }

  bringToFront(pane: SidePane): void {
    if (this.value.front !== pane) this.#keep({ ...this.value, front: pane });
  }

  /** As `bringToFront`, for now: the next visit begins as the person left it. */
  turnTo(pane: SidePane): void {
    if (this.value.front !== pane) this.set({ ...this.value, front: pane });
  }

  /** Opens a pane and brings it to the front. */
  reveal(pane: SidePane): void {
    const { open, front } = this.value;
    if (!open[pane] || front !== pane) this.#keep({ ...this.value, open: { ...open, [pane]: true }, front: pane });
  }

  /** A width that is none, as a panel tells before it knows its own, is left alone. */
  resize(pane: SidePane, width: number): void {
    if (!(width > 0)) return;
    if (Math.abs((this.value.width[pane] ?? 0) - width) < 1) return;
    this.#keep({ ...this.value, width: { ...this.value.width, [pane]: Math.round(width) } });
  }

  /** `share` in per cent. */
  shareViewer(share: number): void {
    if (Number.isNaN(share)) return;
    if (Math.abs(this.value.viewerShare - share) >= 0.5) this.#keep({ ...this.value, viewerShare: Math.round(share) });
  }

  #keep(layout: Layout): void {
    this.set(layout);
    try {
      this.#storage.setItem(KEY, JSON.stringify(layout));
    } catch {
      // Without storage the layout lasts for this visit.
    }
  }
}
