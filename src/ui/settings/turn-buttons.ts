import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import type { Edit, QuarterTurns } from '../../core/edit/edit.ts';
import type { IconName } from '../icons.ts';

/**
 * What turning or mirroring does to an edit as it is seen. A quarter turn of a picture that is already mirrored exchanges what mirroring
 * means: the edit turns first and mirrors then.
 */
export function turnedEdit(edit: Edit, quarters: 1 | 3): Partial<Edit> {
  const handed = edit.mirror !== edit.flip ? 4 - quarters : quarters;
  return { quarterTurns: ((edit.quarterTurns + handed) % 4) as QuarterTurns, crop: null };
}

/** A way to turn or mirror a picture. */
interface TurnTool {
  readonly icon: IconName;
  readonly kind: 'turn' | 'mirror';
  readonly label: () => string;
  readonly change: (edit: Edit) => Partial<Edit>;
  /** Whether it is done already; absent where it can be done over and over. */
  readonly on?: (edit: Edit) => boolean;
}

export const TURN_TOOLS: readonly TurnTool[] = [
  { icon: 'turn-left', kind: 'turn', label: () => msg('Turn left'), change: (edit) => turnedEdit(edit, 3) },
  { icon: 'turn-right', kind: 'turn', label: () => msg('Turn right'), change: (edit) => turnedEdit(edit, 1) },
  {
    icon: 'mirror',
    kind: 'mirror',
    label: () => msg('Mirror left to right'),
    change: ({ mirror }) => ({ mirror: !mirror }),
    on: ({ mirror }) => mirror,
  },
  {
    icon: 'flip',
    kind: 'mirror',
    label: () => msg('Mirror top to bottom'),
    change: ({ flip }) => ({ flip: !flip }),
    on: ({ flip }) => flip,
  },
];

/** Buttons that turn by quarters and mirror; `disabled` while there is no picture to turn. */
export function turnButtons(edit: Edit, onChange: (change: Partial<Edit>) => void, disabled = false): TemplateResult[] {
  return TURN_TOOLS.map(
    ({ icon, label, change, on }) => html`
      <wa-button
        size="s"
        appearance=${on?.(edit) ? 'filled' : 'outlined'}
        variant=${on?.(edit) ? 'brand' : 'neutral'}
        title=${label()}
        ?disabled=${disabled}
        @click=${() => onChange(change(edit))}
      >
        <wa-icon name=${icon} label=${label()}></wa-icon>
      </wa-button>
    `,
  );
}
