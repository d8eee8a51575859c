import { updateWhenLocaleChanges } from '@lit/localize';
import { LitElement } from 'lit';

/** Name of the event, caught by an `<error-boundary>`, whose detail is what an element threw while it rendered. */
export const RENDER_ERROR = 'render-error';

/** What every element of the page extends: it renders again when the language changes, and its failures stay local. */
export class AppElement extends LitElement {
  constructor() {
    super();
    updateWhenLocaleChanges(this);
  }

  protected override performUpdate(): void {
    try {
      super.performUpdate();
    } catch (error) {
      const event = new CustomEvent(RENDER_ERROR, { detail: error, bubbles: true, composed: true, cancelable: true });
      // Where no boundary takes it, it is an error like any other.
      if (this.dispatchEvent(event)) throw error;
    }
  }
}
