import { css, html, nothing } from 'lit';
import type { App } from '../app/app.ts';
import { pictureCount } from '../app/format-text.ts';
import { isRightToLeft } from '../app/locale.ts';
import { statusText } from '../app/status-text.ts';
import { act } from './actions.ts';
import { AppElement } from './app-element.ts';
import './error-boundary.ts';
import './first-hint.ts';
import { closeProblem, problemStyles, problemView } from './problem-view.ts';
import './queue/queue-panel.ts';
import './settings/settings-panel.ts';
import { sharedStyles } from './shared-styles.ts';
import './start-bar.ts';
import { StoreController } from './store-controller.ts';
import './viewer/picture-viewer.ts';
import './workspace-frame.ts';

/** The screen with pictures: puts the panes into the frame. Each pane takes what it shows from `app`. */
export class WorkspaceView extends AppElement {
  static override properties = { app: { attribute: false } };
  declare app: App;

  static override styles = [
    sharedStyles,
    problemStyles,
    css`
      :host {
        display: block;
        height: 100%;
        min-height: 0;
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, () => {
      const { pictures, settings, queue, destination, problem, conditions, locale } = this.app;
      return [pictures, settings, queue, destination, problem, conditions, locale];
    });
  }

  readonly #queue = (): unknown => html`<queue-panel .app=${this.app}></queue-panel>`;
  readonly #viewer = (): unknown => html`<picture-viewer .app=${this.app}></picture-viewer>`;
  readonly #settings = (): unknown => html`<settings-panel .app=${this.app}></settings-panel>`;

  #problem(): unknown {
    const problem = this.app.problem.value;
    if (problem === null) return nothing;
    const close = closeProblem(() => act(this, { kind: 'dismiss-problem' }));
    return html`<div slot="problem">${problemView(problem, close)}</div>`;
  }

  protected override render(): unknown {
    const { app } = this;
    return html`
      <workspace-frame
        .layout=${app.layout}
        count=${pictureCount(app.pictures.pictures.length)}
        ?mirrored=${isRightToLeft(app.locale.value)}
      >
        <error-boundary slot="queue" .view=${this.#queue}></error-boundary>
        <error-boundary slot="viewer" .view=${this.#viewer}></error-boundary>
        <error-boundary slot="settings" .view=${this.#settings}></error-boundary>
        <slot name="notices" slot="notices"></slot>
        ${this.#problem()}
        <first-hint slot="hint" .app=${app}></first-hint>
        <start-bar
          slot="start"
          .destination=${app.destination.value}
          ?running=${app.queue.value.running}
          .startable=${app.startable().length}
          .total=${app.total()}
          .freeBytes=${app.conditions.value.freeBytes}
          .status=${statusText(app.queue.value, app.pictures.pictures)}
          .seen=${statusText(app.queue.value, app.pictures.pictures, 'seen')}
          .refusal=${app.refusalOfAll()}
        ></start-bar>
      </workspace-frame>
    `;
  }
}

customElements.define('workspace-view', WorkspaceView);
