import { msg, str } from '@lit/localize';
import type { App } from '../../app/app.ts';
import { USUAL_GRAIN, USUAL_SHARPEN } from '../../app/edit-settings.ts';
import { exportChange } from '../../app/export-settings.ts';
import type { SettingsChange } from '../../app/settings.ts';
import { isUnedited, NO_EDIT, type Edit } from '../../core/edit/edit.ts';
import { exportFormats } from '../../core/exports.ts';
import type { Command } from '../commands/registry.ts';
import type { IconName } from '../icons.ts';
import { exportChoices, labelOf } from '../labels.ts';
import { TURN_TOOLS } from './turn-buttons.ts';

/** The sections that commands lead to. */
export type SectionName =
  'size-section' | 'format-section' | 'model-section' | 'resampling-section' | 'finish-section' | 'names-section';

/** What the commands of the settings work on. */
export interface SettingsContext {
  readonly app: App;
  change(change: SettingsChange): void;
  /** Brings a section into sight, and the focus to it. */
  show(section: SectionName): void;
  openCrop(): void;
  showBackground(): void;
}

/** What stands in the settings and is looked for by a name: cropping and turning, finish, exports and formats. */
export function settingsCommands(context: SettingsContext): readonly Command[] {
  const { app, change, show } = context;
  const hasSize = (): boolean => app.pictures.selected?.size != null;
  const edit = (): Edit => app.settings.value.edit;
  const changeEdit = (part: Partial<Edit>): void => change({ edit: { ...edit(), ...part } });
  const finish = (part: Partial<typeof app.settings.value.finish>): void => {
    change({ finish: { ...app.settings.value.finish, ...part } });
    show('finish-section');
  };
  const turnWords = { turn: () => msg('rotate by a quarter'), mirror: () => msg('flip reflect') };
  return [
    {
      id: 'settings.crop',
      group: 'settings',
      title: () => msg('Crop and straighten …'),
      words: () => msg('cut trim level horizon'),
      icon: 'crop',
      enabled: hasSize,
      run: () => context.openCrop(),
    },
    ...TURN_TOOLS.map(({ icon, label, kind, change: turn, on }): Command => ({
      id: `settings.${icon}`,
      group: 'settings',
      title: label,
      words: turnWords[kind],
      icon,
      enabled: hasSize,
      ...(on === undefined ? {} : { checked: () => on(edit()) }),
      run: () => changeEdit(turn(edit())),
    })),
    {
      id: 'settings.uncrop',
      group: 'settings',
      title: () => msg('Undo crop and turns'),
      icon: 'undo',
      enabled: () => !isUnedited(edit()),
      run: () => change({ edit: NO_EDIT }),
    },
    {
      id: 'settings.sharpen',
      group: 'settings',
      title: () => msg('Sharpen'),
      checked: () => app.settings.value.finish.sharpen !== null,
      run: () => finish({ sharpen: app.settings.value.finish.sharpen === null ? USUAL_SHARPEN : null }),
    },
    {
      id: 'settings.grain',
      group: 'settings',
      title: () => msg('Grain'),
      words: () => msg('film noise'),
      checked: () => app.settings.value.finish.grain !== null,
      run: () => finish({ grain: app.settings.value.finish.grain === null ? USUAL_GRAIN : null }),
    },
    ...exportChoices().map(({ value }): Command => ({
      id: `settings.export.${value}`,
      group: 'settings',
      title: () => msg(str`Export: ${labelOf(exportChoices(), value)}`),
      icon: 'sheet',
      checked: () => app.settings.value.export.kind === value,
      run: () => {
        change(exportChange(value, app.settings.value.format));
        show('format-section');
      },
    })),
    ...app.formats.map(({ format, label }): Command => ({
      id: `settings.format.${format}`,
      group: 'settings',
      title: () => msg(str`Format: ${label}`),
      icon: 'image',
      enabled: () =>
        exportFormats(app.settings.value.export.kind, app.formats).some((offered) => offered.format === format),
      checked: () => app.settings.value.format === format,
      run: () => {
        change({ format });
        show('format-section');
      },
    })),
    {
      id: 'settings.background',
      group: 'settings',
      title: () => msg('Background behind transparency'),
      icon: 'coding',
      enabled: () => !app.formats.find(({ format }) => format === app.settings.value.format)!.alpha,
      run: () => context.showBackground(),
    },
    ...SECTIONS.map(([section, title, icon]): Command => ({
      id: `settings.show.${section}`,
      group: 'settings',
      title: () => msg(str`Go to: ${title()}`),
      icon,
      run: () => show(section),
    })),
  ];
}

/** Sections whose fields are values to be set there. */
const SECTIONS: readonly (readonly [SectionName, () => string, IconName])[] = [
  ['size-section', () => msg('New size'), 'enlarge'],
  ['model-section', () => msg('AI model'), 'preset'],
  ['resampling-section', () => msg('Resampling'), 'fit'],
  ['names-section', () => msg('File names'), 'receipt'],
];
