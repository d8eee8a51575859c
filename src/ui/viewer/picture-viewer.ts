import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import type { App } from '../../app/app.ts';
import { AppElement } from '../app-element.ts';
import { sharedStyles } from '../shared-styles.ts';
import { StoreController } from '../store-controller.ts';
import '../thumbnail-view.ts';

/** The picture that is looked at. */
export class PictureViewer extends AppElement {
  static override properties = { app: { attribute: false } };
  declare app: App;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        grid-template: minmax(0, 1fr) / minmax(0, 1fr);
        height: 100%;
        min-height: 0;
        padding: var(--wa-space-m);
      }

      thumbnail-view {
        min-height: 0;
        --thumbnail-max-height: 100%;
        --thumbnail-radius: var(--wa-border-radius-s);
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, () => [this.app.pictures]);
  }

  protected override render(): unknown {
    const { selected } = this.app.pictures;
    if (selected === null || (selected.info === null && selected.state.kind === 'failed')) return nothing;
    return html`<thumbnail-view .picture=${selected} .longSide=${1280}
      >${selected.info === null ? nothing : html`<span>${msg('No preview of this picture')}</span>`}</thumbnail-view
    >`;
  }
}

customElements.define('picture-viewer', PictureViewer);
