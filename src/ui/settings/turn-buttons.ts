import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import type { Edit, QuarterTurns } from '../../core/edit/edit.ts';

/**
 * What turning or mirroring does to an edit as it is seen. A quarter turn of a picture that is already mirrored exchanges what mirroring
 * means: the edit turns first and mirrors then.
 */
export function turnedEdit(edit: Edit, quarters: 1 | 3): Partial<Edit> {
  const handed = edit.mirror !== edit.flip ? 4 - quarters : quarters;
  return { quarterTurns: ((edit.quarterTurns + handed) % 4) as QuarterTurns, crop: null };
}

/** Buttons that turn by quarters and mirror; `disabled` while there is no picture to turn. */
export function turnButtons(edit: Edit, onChange: (change: Partial<Edit>) => void, disabled = false): TemplateResult[] {
  const tools = [
    { icon: 'turn-left', label: msg('Turn left'), change: () => turnedEdit(edit, 3) },
    { icon: 'turn-right', label: msg('Turn right'), change: () => turnedEdit(edit, 1) },
    { icon: 'mirror', label: msg('Mirror left to right'), change: () => ({ mirror: !edit.mirror }), on: edit.mirror },
    { icon: 'flip', label: msg('Mirror top to bottom'), change: () => ({ flip: !edit.flip }), on: edit.flip },
  ];
  return tools.map(
    ({ icon, label, change, on }) => html`
      <wa-button
        size="s"
        appearance=${on ? 'filled' : 'outlined'}
        variant=${on ? 'brand' : 'neutral'}
        title=${label}
        ?disabled=${disabled}
        @click=${() => onChange(change())}
      >
        <wa-icon name=${icon} label=${label}></wa-icon>
      </wa-button>
    `,
  );
}
