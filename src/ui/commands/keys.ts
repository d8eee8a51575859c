import { commands, type Command } from './registry.ts';

const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

/** Whether keys go into a text that is being entered. */
function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.localName === 'textarea') return true;
  return target instanceof HTMLInputElement && !/^(checkbox|radio|range|button|color|file)$/.test(target.type);
}

/** What every text field does by itself. */
const EDITING = /^Mod\+(Shift\+)?[ACVXYZ]$/;

/** Whether an open dialog or menu has the keys for itself. */
const isTaken = (event: KeyboardEvent): boolean =>
  event
    .composedPath()
    .some(
      (node) => node instanceof Element && node.matches('dialog, [role="dialog"], [role="listbox"], [role="menu"]'),
    );

/** Whether an event is a shortcut such as "Mod+Shift+S" or "?". */
export function matches(event: KeyboardEvent, shortcut: string): boolean {
  const parts = shortcut.split('+');
  const key = shortcut.endsWith('++') || shortcut === '+' ? '+' : parts.at(-1)!;
  const wants = (modifier: string): boolean => parts.length > 1 && parts.slice(0, -1).includes(modifier);
  const mod = MAC ? event.metaKey : event.ctrlKey;
  const other = MAC ? event.ctrlKey : event.metaKey;
  if (mod !== wants('Mod') || other || event.altKey !== wants('Alt')) return false;
  // A character that needs Shift on one keyboard needs none on another.
  const isLetter = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
  if ((key.length > 1 || isLetter) && event.shiftKey !== wants('Shift')) return false;
  return event.key.toLowerCase() === key.toLowerCase();
}

/** The command that an event asks for, or null. Those with Mod come before what the focused element does with the key. */
export function commandFor(event: KeyboardEvent, list: readonly Command[] = commands.value): Command | null {
  if (event.defaultPrevented || event.isComposing || isTaken(event)) return null;
  const capturing = event.eventPhase === Event.CAPTURING_PHASE;
  const typing = isTyping(event);
  const applies = (key: string): boolean => {
    const withMod = key.startsWith('Mod+');
    return withMod === capturing && (!typing || (withMod && !EDITING.test(key))) && matches(event, key);
  };
  const found = list.find(({ keys, keysAreLocal }) => keysAreLocal !== true && keys?.some(applies));
  return found === undefined || found.enabled?.() === false ? null : found;
}

/** Carries out the commands that keys ask for, anywhere on the page, until the signal aborts. */
export function listenToKeys(signal: AbortSignal): void {
  const listener = (event: KeyboardEvent): void => {
    const command = commandFor(event);
    if (command === null) return;
    event.preventDefault();
    event.stopPropagation();
    void command.run();
  };
  window.addEventListener('keydown', listener, { signal, capture: true });
  window.addEventListener('keydown', listener, { signal });
}

const MAC_SIGNS: Readonly<Record<string, string>> = { Mod: '⌘', Shift: '⇧', Alt: '⌥', Enter: '↩', Escape: 'Esc' };
const SIGNS: Readonly<Record<string, string>> = { Mod: 'Ctrl', Escape: 'Esc' };
const ARROWS: Readonly<Record<string, string>> = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' };

/** The keys of a shortcut as they are printed on the keyboard, e.g. ["Ctrl", "K"]. */
export function keyLabels(shortcut: string): readonly string[] {
  const parts = shortcut === '+' ? ['+'] : shortcut.split('+');
  return parts.map((part) => ARROWS[part] ?? (MAC ? MAC_SIGNS : SIGNS)[part] ?? part);
}
