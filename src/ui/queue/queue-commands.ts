import { msg } from '@lit/localize';
import type { App } from '../../app/app.ts';
import { canRetry, isBusy, isSettled } from '../../app/picture.ts';
import { savableOf } from '../../app/save-all.ts';
import { canPickFolder } from '../../platform/pickers.ts';
import type { Command } from '../commands/registry.ts';

/** What the arrows do in the list, which deals with them itself: they go from the row that has the focus. */
function rowCommands(enabled: () => boolean): readonly Command[] {
  const rows = [
    { id: 'queue.look', title: () => msg('Previous or next picture'), modifier: '' },
    { id: 'queue.extend', title: () => msg('Select several'), modifier: 'Shift+' },
    { id: 'queue.move', title: () => msg('Move up or down'), modifier: 'Alt+' },
  ];
  return rows.map(({ id, title, modifier }): Command => ({
    ...{ id, group: 'queue', title, enabled },
    keys: [`${modifier}ArrowUp`, `${modifier}ArrowDown`],
    ...{ keysAreLocal: true, listed: false },
    run: () => undefined,
  }));
}

/** The commands of the queue; those under "queue.bulk" stand in its menu. */
export function queueCommands(app: App): readonly Command[] {
  const { pictures: list, queue } = app;
  const any = (test: (picture: (typeof list.pictures)[number]) => boolean): boolean => list.pictures.some(test);
  const failed = (): number[] => list.pictures.filter(({ state }) => state.kind === 'failed').map(({ id }) => id);
  const chosen = (): number[] => list.chosen.filter((picture) => !isBusy(picture)).map(({ id }) => id);
  return [
    ...rowCommands(() => list.pictures.length > 1),
    {
      // The list's own key, which moves the focus as well.
      id: 'queue.remove',
      group: 'queue',
      title: () => msg('Take off the list'),
      keys: ['Delete'],
      keysAreLocal: true,
      listed: false,
      enabled: () => chosen().length > 0,
      run: () => app.remove(...chosen()),
    },
    {
      id: 'queue.pause',
      group: 'queue',
      title: () => (queue.value.paused ? msg('Resume') : msg('Pause')),
      icon: 'pause',
      keys: ['P'],
      enabled: () => queue.value.running,
      run: () => (queue.value.paused ? queue.resume() : queue.pause()),
    },
    {
      id: 'queue.pause-after',
      group: 'queue',
      title: () => msg('Pause after this picture'),
      icon: 'pause',
      enabled: () => queue.value.running && !queue.value.paused,
      run: () => queue.pause('after-picture'),
    },
    {
      id: 'queue.bulk.select-all',
      group: 'queue',
      title: () => msg('Select all'),
      keys: ['Mod+A'],
      keysAreLocal: true,
      enabled: () => list.pictures.length > 1,
      run: () => list.selectAll(),
    },
    {
      id: 'queue.bulk.apply',
      group: 'queue',
      title: () => msg('Apply these settings to all'),
      enabled: () => list.pictures.length > 1,
      run: () => app.settings.applyTo(list.pictures.map(({ id }) => id)),
    },
    {
      id: 'queue.bulk.save-all',
      group: 'queue',
      title: () => (canPickFolder() ? msg('Save all to a folder') : msg('Save all as a ZIP')),
      icon: 'download',
      enabled: () => savableOf(list.pictures).length > 0,
      run: () => app.saveAll(),
    },
    {
      id: 'queue.bulk.retry',
      group: 'queue',
      title: () => msg('Retry what failed'),
      enabled: () => any((picture) => picture.state.kind === 'failed' && canRetry(picture)),
      run: () => app.retry(failed()),
    },
    {
      id: 'queue.bulk.clear-finished',
      group: 'queue',
      title: () => msg('Clear finished'),
      enabled: () => any(isSettled),
      run: () => app.clearFinished(),
    },
    {
      id: 'queue.bulk.clear',
      group: 'queue',
      title: () => msg('Clear all'),
      enabled: () => any((picture) => !isBusy(picture)),
      run: () => app.clear(),
    },
  ];
}
