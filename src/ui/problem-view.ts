import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import { css } from 'lit';
import type { Problem } from '../app/picture.ts';

/** Styles of `problemView`. */
export const problemStyles = css`
  .problem {
    display: grid;
    grid-template-columns: auto 1fr auto;
    gap: var(--wa-space-xs);
    padding: var(--wa-space-s) var(--wa-space-m);
    border-radius: var(--wa-border-radius-m);
    background: color-mix(in oklab, var(--wa-color-danger-fill-quiet) 75%, var(--wa-color-surface-raised));
    font-size: var(--wa-font-size-s);
    line-height: 1.5;
    overflow-wrap: anywhere;
  }

  .problem > wa-icon {
    margin-top: 0.2em;
    color: var(--wa-color-danger-on-quiet);
  }
`;

/** Closes a problem that is shown until then. */
export const closeProblem = (close: () => void): TemplateResult =>
  html`<wa-button size="xs" appearance="plain" @click=${close}>
    <wa-icon name="close" label=${msg('Close the message')}></wa-icon>
  </wa-button>`;

/** What went wrong and what to do, announced at once. `extra` stands at the end, such as a button to close it. */
export const problemView = (problem: Problem, extra: unknown = null): TemplateResult => html`
  <div class="problem" role="alert">
    <wa-icon name="alert"></wa-icon>
    <p><strong>${problem.message}</strong> ${problem.remedy}</p>
    ${extra}
  </div>
`;
