import { msg, str } from '@lit/localize';
import type { App } from '../../app/app.ts';
import { LANGUAGES } from '../../app/locale.ts';
import type { ThemeChoice } from '../../platform/theme.ts';
import type { UiAction } from '../actions.ts';
import type { Command } from './registry.ts';

/** What the commands of the shell work on. */
export interface ShellContext {
  readonly app: App;
  perform(action: UiAction): void;
  theme(): ThemeChoice;
}

/** The commands of the frame: files, start and stop, panes, colours, languages. */
export function shellCommands({ app, perform, theme }: ShellContext): readonly Command[] {
  const hasPictures = (): boolean => app.pictures.pictures.length > 0;
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
