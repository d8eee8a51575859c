import { updateWhenLocaleChanges } from '@lit/localize';
import { LitElement } from 'lit';

/** What every element of the page extends: it renders again when the language changes. */
export class AppElement extends LitElement {
  constructor() {
    super();
    updateWhenLocaleChanges(this);
  }
}
