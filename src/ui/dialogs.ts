import type { App } from '../app/app.ts';
import type { DialogName } from './actions.ts';

/** The dialogs of the page; the code of each is loaded when it is first opened. */
const LOADERS: Readonly<Record<DialogName, () => Promise<unknown>>> = {
  'command-palette': () => import('./commands/command-palette.ts'),
  'crop-dialog': () => import('./settings/crop-dialog.ts'),
  'shortcut-sheet': () => import('./commands/shortcut-sheet.ts'),
  'about-dialog': () => import('./help/about-dialog.ts'),
  'history-dialog': () => import('./help/history-dialog.ts'),
  'preset-dialog': () => import('./presets/preset-dialog.ts'),
  'storage-dialog': () => import('./storage/storage-dialog.ts'),
};

/** Opens a dialog inside `parent`, unless it is open already. */
export async function openDialog(name: DialogName, app: App, parent: ParentNode): Promise<void> {
  await LOADERS[name]();
  if (parent.querySelector(name) !== null) return;
  parent.append(Object.assign(document.createElement(name), { app }));
}
