import { css } from 'lit';

/** What every element of the page starts from. */
export const sharedStyles = css`
  :host {
    box-sizing: border-box;
  }

  *,
  *::before,
  *::after {
    box-sizing: inherit;
  }

  [hidden] {
    display: none !important;
  }

  h1,
  h2,
  h3,
  p,
  dl,
  dd,
  ul {
    margin: 0;
    padding: 0;
  }

  h2 {
    font-size: var(--wa-font-size-s);
    font-weight: var(--wa-font-weight-bold);
    line-height: var(--wa-line-height-condensed);
  }

  wa-icon[slot='start'] {
    margin-inline-end: 0.5em;
  }

  .quiet {
    color: var(--wa-color-text-quiet);
  }

  .small {
    font-size: var(--wa-font-size-s);
  }

  .numbers {
    font-variant-numeric: tabular-nums;
  }

  /* Fields beside one another; where a menu needs more room for its words, below one another. */
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: flex-start;
    gap: var(--wa-space-s);
  }

  .row > * {
    flex: 1 1 var(--least-field, 7.5rem);
    min-width: var(--least-field, 7.5rem);
  }

  .row > .long {
    min-width: min(100%, 14rem);
  }

  @media (max-width: 30rem) {
    wa-dialog::part(title) {
      font-size: var(--wa-font-size-m);
    }
  }

  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
