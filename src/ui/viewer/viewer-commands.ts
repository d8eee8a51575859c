import { msg } from '@lit/localize';
import type { Command } from '../commands/registry.ts';
import { modeLabels, VIEW_MODES, type ViewMode } from './modes.ts';

/** What the commands of the viewer work on. */
export interface ViewerContext {
  /** There is a picture to look at. */
  isOpen(): boolean;
  mode(): ViewMode;
  setMode(mode: ViewMode): void;
  zoomBy(factor: number): void;
  zoomTo(zoom: number): void;
  fit(): void;
  histogram(): boolean;
  toggleHistogram(): void;
  codable(): boolean;
  coded(): boolean;
  toggleCoded(): void;
  openSheet(): void;
}

/** A press of a key zooms by this. */
const ZOOM_STEP = 1.5;

export function viewerCommands(viewer: ViewerContext): readonly Command[] {
  const enabled = (): boolean => viewer.isOpen();
  return [
    ...VIEW_MODES.map((mode): Command => ({
      id: `view.mode.${mode}`,
      group: 'view',
      title: () => modeLabels()[mode].label,
      words: () => modeLabels()[mode].words,
      icon: modeLabels()[mode].icon,
      keys: [modeLabels()[mode].key],
      enabled,
      checked: () => viewer.mode() === mode,
      run: () => viewer.setMode(mode),
    })),
    {
      id: 'view.hold',
      group: 'view',
      title: () => msg('Hold to see what it is compared with'),
      icon: 'eye',
      keys: ['X'],
      // Held, not pressed: the viewer listens itself.
      keysAreLocal: true,
      enabled: () => false,
      run: () => undefined,
    },
    {
      id: 'view.zoom-in',
      group: 'view',
      title: () => msg('Zoom in'),
      icon: 'plus',
      keys: ['+', '='],
      enabled,
      run: () => viewer.zoomBy(ZOOM_STEP),
    },
    {
      id: 'view.zoom-out',
      group: 'view',
      title: () => msg('Zoom out'),
      icon: 'minus',
      keys: ['-'],
      enabled,
      run: () => viewer.zoomBy(1 / ZOOM_STEP),
    },
    {
      id: 'view.fit',
      group: 'view',
      title: () => msg('Fit'),
      icon: 'fit',
      keys: ['0'],
      enabled,
      run: () => viewer.fit(),
    },
    {
      id: 'view.full',
      group: 'view',
      title: () => msg('Actual pixels'),
      icon: 'image',
      keys: ['1'],
      enabled,
      run: () => viewer.zoomTo(1),
    },
    {
      id: 'view.double',
      group: 'view',
      title: () => msg('Every pixel twice'),
      icon: 'plus',
      keys: ['2'],
      enabled,
      run: () => viewer.zoomTo(2),
    },
    {
      id: 'view.sheet',
      group: 'view',
      title: () => msg('Compare methods'),
      words: () => msg('contact sheet'),
      icon: 'sheet',
      keys: ['M'],
      enabled,
      run: () => viewer.openSheet(),
    },
    {
      id: 'view.histogram',
      group: 'view',
      title: () => msg('Histogram'),
      icon: 'histogram',
      keys: ['H'],
      enabled,
      checked: () => viewer.histogram(),
      run: () => viewer.toggleHistogram(),
    },
    {
      id: 'view.coded',
      group: 'view',
      title: () => msg('Show what JPEG makes of it'),
      icon: 'coding',
      keys: ['J'],
      enabled: () => viewer.isOpen() && viewer.codable(),
      checked: () => viewer.coded(),
      run: () => viewer.toggleCoded(),
    },
  ];
}
