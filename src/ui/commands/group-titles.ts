import { msg } from '@lit/localize';
import type { CommandGroup } from './registry.ts';

export const groupTitles = (): Readonly<Record<CommandGroup, string>> => ({
  file: msg('File'),
  queue: msg('Queue'),
  view: msg('View'),
  settings: msg('Settings'),
  app: msg('App'),
});
