import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { css, html, LitElement, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { App } from '../app/app.ts';
import { countOf } from '../app/format-text.ts';
import { isBusy, isStartable } from '../app/picture.ts';
import { act } from './actions.ts';
import './picture-row.ts';
import { problemStyles, problemView } from './problem-view.ts';
import './settings-panel.ts';
import { sharedStyles } from './shared-styles.ts';
import './start-bar.ts';
import { StoreController } from './store-controller.ts';
import './thumbnail-view.ts';

/** The screen with pictures: the selected one, the list, and the settings. */
export class WorkspaceView extends LitElement {
  static override properties = { app: { attribute: false }, status: {} };
  declare app: App;
  /** One sentence on what is going on. */
  declare status: string;

  static override styles = [sharedStyles, problemStyles, workspaceStyles()];

  constructor() {
    super();
    new StoreController(this, () => {
      const { pictures, settings, queue, destination, problem } = this.app;
      return [pictures, settings, queue, destination, problem];
    });
  }

  #list(): unknown {
    const { pictures } = this.app.pictures;
    const selectedId = this.app.pictures.value.selectedId;
    return html`
      <div class="list-head">
        <h2>${countOf(pictures.length, 'picture')}</h2>
        <span class="tools">
          <wa-button size="s" appearance="outlined" @click=${() => act(this, { kind: 'open-files' })}>
            <wa-icon slot="start" name="plus"></wa-icon>Add
          </wa-button>
          ${
            pictures.length > 1
              ? html`<wa-button
                  size="s"
                  appearance="plain"
                  ?disabled=${pictures.every(isBusy)}
                  @click=${() => act(this, { kind: 'clear' })}
                  >Clear</wa-button
                >`
              : nothing
          }
        </span>
      </div>
      <ul class="list">
        ${repeat(
          pictures,
          (picture) => picture.id,
          (picture) =>
            html`<li>
              <picture-row
                .picture=${picture}
                ?selected=${pictures.length > 1 && picture.id === selectedId}
                ?refused=${isStartable(picture) && this.app.verdict(picture)?.refusal != null}
              ></picture-row>
            </li>`,
        )}
      </ul>
    `;
  }

  #problem(): unknown {
    const problem = this.app.problem.value;
    if (problem === null) return nothing;
    const close = html`<wa-button size="xs" appearance="plain" @click=${() => act(this, { kind: 'dismiss-problem' })}>
      <wa-icon name="close" label="Close the message"></wa-icon>
    </wa-button>`;
    return problemView(problem, close);
  }

  protected override render(): unknown {
    const { app } = this;
    const { selected, pictures } = app.pictures;
    const unseen = selected === null || (selected.info === null && selected.state.kind === 'failed');
    const waiting = pictures.filter(isStartable).length;
    return html`
      <div class="pictures">
        ${
          unseen
            ? nothing
            : html`<thumbnail-view class="preview" .picture=${selected} .longSide=${1280}
                >${selected.info === null ? nothing : html`<span>No preview of this picture</span>`}</thumbnail-view
              >`
        }
        ${this.#list()}
      </div>
      <section class="side" aria-label="Settings">
        <div class="settings">
          <settings-panel
            .settings=${app.settings.value}
            .formats=${app.formats}
            .verdict=${app.verdict(selected)}
            .sourceDpi=${selected?.info?.metadata.density?.x ?? null}
            .unreadable=${selected?.info === null && selected.state.kind === 'failed'}
            .count=${waiting}
          ></settings-panel>
        </div>
        <div class="start">
          ${this.#problem()}
          <start-bar
            .destination=${app.destination.value}
            ?running=${app.queue.value.running}
            .startable=${app.startable().length}
            .status=${this.status}
            ?blocked=${waiting > 0 && app.startable().length === 0}
          ></start-bar>
        </div>
      </section>
    `;
  }
}

function workspaceStyles(): ReturnType<typeof css> {
  return css`
    :host {
      display: grid;
      gap: var(--wa-space-l);
      width: 100%;
      max-width: 108rem;
      margin-inline: auto;
      padding: var(--wa-space-m);
    }

    .pictures {
      display: grid;
      align-content: start;
      gap: var(--wa-space-m);
      min-width: 0;
    }

    .preview {
      min-height: 8rem;
      --thumbnail-max-height: 36vh;
      border-radius: var(--wa-border-radius-l);
      background: var(--wa-color-surface-sunken);
      --thumbnail-radius: var(--wa-border-radius-s);
      padding: var(--wa-space-s);
    }

    .list-head {
      display: flex;
      align-items: center;
      justify-content: space-between;
    }

    .list {
      display: grid;
      gap: var(--wa-space-s);
      list-style: none;
    }

    .side {
      display: contents;
    }

    .settings {
      padding: var(--wa-space-m);
      border: 1px solid var(--wa-color-surface-border);
      border-radius: var(--wa-border-radius-l);
      background: var(--wa-color-surface-raised);
    }

    .start {
      position: sticky;
      z-index: 2;
      bottom: 0;
      display: grid;
      gap: var(--wa-space-s);
      margin: 0 calc(-1 * var(--wa-space-m)) calc(-1 * var(--wa-space-m));
      padding: var(--wa-space-s) var(--wa-space-m) max(var(--wa-space-s), env(safe-area-inset-bottom));
      border-top: 1px solid var(--wa-color-surface-border);
      background: var(--wa-color-surface-raised);
    }

    @media (min-width: 900px) {
      :host {
        grid-template-columns: minmax(0, 1fr) minmax(20rem, 25rem);
        align-items: start;
        padding: var(--wa-space-l);
      }

      .preview {
        height: clamp(14rem, 52vh, 52rem);
        --thumbnail-max-height: 100%;
      }

      /* The settings scroll on their own, so that Start stays in reach. */
      .side {
        position: sticky;
        top: calc(var(--header-height) + var(--wa-space-l));
        display: grid;
        grid-template-rows: minmax(0, 1fr) auto;
        max-height: calc(100dvh - var(--header-height) - 2 * var(--wa-space-l));
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--wa-border-radius-l);
        background: var(--wa-color-surface-raised);
        overflow: hidden;
      }

      .settings {
        padding: var(--wa-space-l);
        border: 0;
        border-radius: 0;
        overflow-y: auto;
        scrollbar-width: thin;
      }

      .start {
        position: static;
        margin: 0;
        padding: var(--wa-space-m) var(--wa-space-l);
      }
    }
  `;
}

customElements.define('workspace-view', WorkspaceView);
