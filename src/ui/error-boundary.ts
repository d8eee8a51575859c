import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { AppElement, RENDER_ERROR } from './app-element.ts';
import { problemStyles, problemView } from './problem-view.ts';
import { sharedStyles } from './shared-styles.ts';

/**
 * Shows a part of the page and, when an element in it fails to render, a message in its place. The pictures and their jobs
 * are not in elements, so nothing of them is lost, and the part can be made anew.
 */
export class ErrorBoundary extends AppElement {
  static override properties = { view: { attribute: false }, failed: { state: true } };
  /** Makes the part. */
  declare view: () => unknown;
  declare protected failed: Error | null;

  static override styles = [
    sharedStyles,
    problemStyles,
    css`
      :host {
        display: block;
        min-width: 0;
        min-height: 0;
      }

      .fallback {
        align-self: start;
        padding: var(--wa-space-m);
      }
    `,
  ];

  constructor() {
    super();
    this.failed = null;
    this.addEventListener(RENDER_ERROR, (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.failed = (event as CustomEvent<Error>).detail;
    });
  }

  protected override render(): unknown {
    if (this.failed === null) return this.view();
    const problem = {
      message: msg('This part of the page stopped working.'),
      remedy: `${msg('Your pictures and their jobs are safe.')} (${this.failed.message})`,
    };
    const again = html`<wa-button size="s" appearance="outlined" @click=${() => (this.failed = null)}
      >${msg('Show it again')}</wa-button
    >`;
    return html`<div class="fallback">${problemView(problem, again)}</div>`;
  }
}

customElements.define('error-boundary', ErrorBoundary);
