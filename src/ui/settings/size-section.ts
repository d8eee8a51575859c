import { msg } from '@lit/localize';
import { html, nothing } from 'lit';
import { isDamaged, isUnreadable } from '../../app/picture.ts';
import { toJobOptions } from '../../app/settings.ts';
import { SettingsSection } from './section.ts';
import './size-fields.ts';
import './verdict-view.ts';

/** How large the result shall be, and the size that the selected picture will get. */
export class SizeSection extends SettingsSection {
  protected override render(): unknown {
    const { app, settings, selected } = this;
    const unreadable = selected !== null && (isUnreadable(selected) || isDamaged(selected));
    return html`
      <h2>${msg('New size')}</h2>
      <size-fields .size=${settings.size} .edit=${settings.edit}></size-fields>
      ${
        unreadable
          ? nothing
          : html`<verdict-view
              .verdict=${app.verdict(selected)}
              .dpi=${toJobOptions(settings).dpi ?? selected?.info?.metadata.density?.x ?? null}
              unit=${settings.size.unit}
              .freeBytes=${app.destination.value.kind === 'download' ? app.conditions.value.freeBytes : null}
            ></verdict-view>`
      }
    `;
  }
}

customElements.define('size-section', SizeSection);
