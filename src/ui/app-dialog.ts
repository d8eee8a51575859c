import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import type { App } from '../app/app.ts';
import { AppElement } from './app-element.ts';

/** What every dialog extends. It stands in the page only while it is open. */
export abstract class AppDialog extends AppElement {
  static override properties = { app: { attribute: false } };
  declare app: App;

  /** For `@wa-after-hide` of the `<wa-dialog>`: takes the element off the page. */
  protected onHidden(event: Event): void {
    // Menus and tooltips inside hide as well.
    if (event.target === event.currentTarget) this.remove();
  }

  protected close(): void {
    const dialog = this.renderRoot.querySelector('wa-dialog');
    if (dialog !== null) dialog.open = false;
  }
}
