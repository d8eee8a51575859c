import { COMMAND_GROUPS, type Command } from './registry.ts';

/**
 * How well a title, or other words that it goes by, answers a query, the higher the better; 0 for not at all. Case and accents do not matter.
 */
export function rate(title: string, query: string, others = ''): number {
  const plain = (text: string): string =>
    text
      .normalize('NFD')
      .replace(/\p{Mark}/gu, '')
      .toLowerCase();
  const further = plain(others);
  const words = plain(query).split(/\s+/).filter(Boolean);
  const text = plain(title);
  let total = 0;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at < 0 && !further.includes(word)) return 0;
    total += at < 0 ? 0.5 : at === 0 ? 3 : /\s/.test(text[at - 1]!) ? 2 : 1;
  }
  return words.length === 0 ? 1 : total / words.length;
}

/** The commands that answer a query, the best first; all of them, group by group, for an empty one. */
export function rankCommands(list: readonly Command[], query: string): readonly Command[] {
  const group = (command: Command): number => COMMAND_GROUPS.indexOf(command.group);
  return list
    .map((command) => ({ command, rating: rate(command.title(), query, command.words?.()) }))
    .filter(({ rating }) => rating > 0)
    .sort((a, b) => b.rating - a.rating || group(a.command) - group(b.command))
    .map(({ command }) => command);
}
