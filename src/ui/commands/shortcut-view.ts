import { css, html, type TemplateResult } from 'lit';
import { keyLabels } from './keys.ts';

/** Styles of `shortcutView`. */
export const shortcutStyles = css`
  .shortcut {
    display: inline-flex;
    gap: 0.2em;
    direction: ltr;
  }

  kbd {
    display: inline-grid;
    place-items: center;
    min-width: 1.6em;
    height: 1.6em;
    padding-inline: 0.4em;
    border: 1px solid var(--wa-color-surface-border);
    border-radius: var(--wa-border-radius-s);
    background: var(--wa-color-surface-lowered);
    color: var(--wa-color-text-normal);
    font-family: inherit;
    font-size: var(--wa-font-size-xs);
    line-height: 1;
  }
`;

/** A shortcut as keys. */
export const shortcutView = (shortcut: string): TemplateResult =>
  html`<span class="shortcut">${keyLabels(shortcut).map((label) => html`<kbd>${label}</kbd>`)}</span>`;
