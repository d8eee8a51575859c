import { msg } from '@lit/localize';
import type { KernelName } from '../core/resampling.ts';
import { Store } from './store.ts';
import type { Settings, SettingsChange } from './settings.ts';

/** One way to make the picture larger, as a contact sheet compares them. */
export interface Variant {
  /** Unique, e.g. "kernel:lanczos3". */
  readonly id: string;
  /** What people call it, in the present language. */
  readonly label: string;
  /** What choosing it changes in the settings. */
  readonly change: SettingsChange;
}

/** Lists variants for the present settings. */
export type VariantSource = (settings: Settings) => readonly Variant[];

const KERNELS: readonly KernelName[] = [
  'lanczos3',
  'lanczos2',
  'lanczos4',
  'mitchell',
  'catmull-rom',
  'bilinear',
  'nearest',
  'area',
];

const KERNEL_LABELS: Readonly<Record<KernelName, () => string>> = {
  lanczos3: () => msg('Lanczos 3'),
  lanczos2: () => msg('Lanczos 2'),
  lanczos4: () => msg('Lanczos 4'),
  mitchell: () => msg('Mitchell'),
  'catmull-rom': () => msg('Catmull-Rom'),
  bilinear: () => msg('Bilinear'),
  nearest: () => msg('Nearest'),
  area: () => msg('Area'),
};

/** The kernels in one pass, and the stepwise method that browsers use; without a model. */
const resamplingVariants: VariantSource = () => [
  ...KERNELS.map((kernel): Variant => ({
    id: `kernel:${kernel}`,
    label: KERNEL_LABELS[kernel](),
    change: { kernel, method: 'direct', ai: null },
  })),
  { id: 'method:progressive', label: msg('Progressive'), change: { method: 'progressive', ai: null } },
];

/** Everything that can be compared. Other parts of the app add their own: models (model-variants.ts). */
class VariantRegistry extends Store<readonly VariantSource[]> {
  constructor() {
    super([resamplingVariants]);
  }

  /** Adds variants until the returned function is called. */
  register(source: VariantSource): () => void {
    this.set([...this.value, source]);
    return () => this.set(this.value.filter((other) => other !== source));
  }

  list(settings: Settings): readonly Variant[] {
    return this.value.flatMap((source) => source(settings));
  }
}

export const variants = new VariantRegistry();

/** Whether choosing a variant would change nothing. */
export const isChosen = (variant: Variant, settings: Settings): boolean =>
  Object.entries(variant.change).every(
    ([key, value]) => JSON.stringify(settings[key as keyof Settings]) === JSON.stringify(value),
  );
