import { msg, str } from '@lit/localize';
import type { App } from '../../app/app.ts';
import { LANGUAGES } from '../../app/locale.ts';
import type { Picture } from '../../app/picture.ts';
import { isInForce, presetChange } from '../../app/presets.ts';
import { pixelCount } from '../../core/geometry.ts';
import type { ThemeChoice } from '../../platform/theme.ts';
import { canCopyPictures, canReadClipboard } from '../../platform/clipboard.ts';
import type { UiAction } from '../actions.ts';
import type { Command } from './registry.ts';

/** More pixels than this take seconds to code and gigabytes to paste. */
const MAX_COPIED_PIXELS = 60e6;

/** What the commands of the shell work on. */
export interface ShellContext {
  readonly app: App;
  perform(action: UiAction): void;
  theme(): ThemeChoice;
}

/** The commands of the frame: files, start and stop, panes, colours, languages. */
export function shellCommands({ app, perform, theme }: ShellContext): readonly Command[] {
  const hasPictures = (): boolean => app.pictures.pictures.length > 0;
  /** The finished picture that is looked at, while no text is selected and it is small enough for a clipboard. */
  const copyable = (): Picture | null => {
    const { selected } = app.pictures;
    if (selected?.state.kind !== 'done' || !canCopyPictures() || getSelection()?.isCollapsed === false) return null;
    return pixelCount(selected.state.receipt.output) <= MAX_COPIED_PIXELS ? selected : null;
  };
  return [
    {
      id: 'file.open',
      group: 'file',
      title: () => msg('Open pictures'),
      icon: 'image',
      keys: ['Mod+O'],
      run: () => perform({ kind: 'open-files' }),
    },
    {
      id: 'file.open-folder',
      group: 'file',
      title: () => msg('Open a folder'),
      icon: 'folder',
      keys: ['Mod+Shift+O'],
      run: () => perform({ kind: 'open-folder' }),
    },
    {
      id: 'file.paste',
      group: 'file',
      title: () => msg('Paste a picture'),
      icon: 'image',
      // The key is the browser's own, which needs no permission.
      keys: ['Mod+V'],
      keysAreLocal: true,
      enabled: canReadClipboard,
      run: () => perform({ kind: 'paste' }),
    },
    {
      id: 'file.sample',
      group: 'file',
      title: () => msg('Try a sample'),
      icon: 'image',
      run: () => perform({ kind: 'open-sample' }),
    },
    {
      id: 'queue.copy-result',
      group: 'queue',
      title: () => msg('Copy the result'),
      icon: 'copy',
      keys: ['Mod+C'],
      enabled: () => copyable() !== null,
      run: () => perform({ kind: 'copy-result', id: copyable()!.id }),
    },
    {
      id: 'queue.start',
      group: 'queue',
      title: () => msg('Start'),
      icon: 'enlarge',
      keys: ['Mod+Enter'],
      enabled: () => !app.queue.value.running && app.startable().length > 0,
      run: () => perform({ kind: 'start' }),
    },
    {
      id: 'queue.cancel',
      group: 'queue',
      title: () => msg('Cancel'),
      icon: 'close',
      keys: ['Mod+.'],
      enabled: () => app.queue.value.running,
      run: () => perform({ kind: 'cancel' }),
    },
    {
      // Stands in the menu of the queue, too.
      id: 'queue.bulk.history',
      group: 'queue',
      title: () => msg('History'),
      icon: 'clock',
      run: () => perform({ kind: 'dialog', dialog: 'history-dialog' }),
    },
    {
      id: 'view.queue-pane',
      group: 'view',
      title: () => msg('Show the pictures'),
      icon: 'pane-start',
      keys: ['['],
      enabled: hasPictures,
      checked: () => app.layout.value.open.queue,
      run: () => app.layout.toggle('queue'),
    },
    {
      id: 'view.settings-pane',
      group: 'view',
      title: () => msg('Show the settings'),
      icon: 'pane-end',
      keys: [']'],
      enabled: hasPictures,
      checked: () => app.layout.value.open.settings,
      run: () => app.layout.toggle('settings'),
    },
    {
      id: 'settings.undo',
      group: 'settings',
      title: () => msg('Undo'),
      icon: 'undo',
      keys: ['Mod+Z'],
      enabled: () => app.canUndo,
      run: () => app.undo(),
    },
    {
      id: 'settings.redo',
      group: 'settings',
      title: () => msg('Redo'),
      icon: 'redo',
      keys: ['Mod+Shift+Z', 'Mod+Y'],
      enabled: () => app.settings.canRedo,
      run: () => app.settings.redo(),
    },
    {
      id: 'settings.presets',
      group: 'settings',
      title: () => msg('Presets …'),
      icon: 'preset',
      keys: ['Mod+Shift+P'],
      run: () => perform({ kind: 'dialog', dialog: 'preset-dialog' }),
    },
    ...app.presets.value.map((preset): Command => ({
      id: `settings.preset.${preset.name}`,
      group: 'settings',
      title: () => msg(str`Apply the preset ${preset.name}`),
      icon: 'preset',
      checked: () => isInForce(preset, app.settings.value),
      run: () => perform({ kind: 'change', change: presetChange(preset) }),
    })),
    {
      id: 'app.palette',
      group: 'app',
      title: () => msg('Find a command'),
      icon: 'command',
      keys: ['Mod+K'],
      listed: false,
      run: () => perform({ kind: 'dialog', dialog: 'command-palette' }),
    },
    {
      id: 'app.shortcuts',
      group: 'app',
      title: () => msg('Keyboard shortcuts'),
      icon: 'help',
      keys: ['?'],
      run: () => perform({ kind: 'dialog', dialog: 'shortcut-sheet' }),
    },
    {
      id: 'app.storage',
      group: 'app',
      title: () => msg('Storage and offline use'),
      icon: 'storage',
      run: () => perform({ kind: 'dialog', dialog: 'storage-dialog' }),
    },
    {
      id: 'app.about',
      group: 'app',
      title: () => msg('About Pro Upscaler'),
      icon: 'info',
      run: () => perform({ kind: 'dialog', dialog: 'about-dialog' }),
    },
    ...themeCommands(perform, theme),
    ...LANGUAGES.map(({ locale, name }): Command => ({
      id: `app.language.${locale}`,
      group: 'app',
      title: () => msg(str`Language: ${name}`),
      icon: 'language',
      checked: () => app.locale.value === locale,
      run: () => perform({ kind: 'language', locale }),
    })),
  ];
}

function themeCommands(perform: ShellContext['perform'], theme: ShellContext['theme']): readonly Command[] {
  const titles: Readonly<Record<ThemeChoice, () => string>> = {
    system: () => msg('System colours'),
    light: () => msg('Light colours'),
    dark: () => msg('Dark colours'),
  };
  return (Object.keys(titles) as ThemeChoice[]).map((choice) => ({
    id: `app.theme.${choice}`,
    group: 'app',
    title: titles[choice],
    icon: choice,
    checked: () => theme() === choice,
    run: () => perform({ kind: 'theme', choice }),
  }));
}
