import type { EngineName } from '../../core/engine.ts';
import type { JobServices } from '../services.ts';
import type { EngineFactory } from '../engine-chain.ts';
import type { RowReader } from '../../core/source.ts';
import type { RowStore } from './row-store.ts';

/** What a preview needs from the floor above. */
export interface PreviewServices extends Pick<
  JobServices,
  'environment' | 'openReader' | 'kernels' | 'models' | 'tiles'
> {
  /** The engines to try, in this order. */
  engines(choice: EngineName | 'auto'): readonly EngineFactory[];
  /** A place for the rows of a picture that is too large for memory; null when there is none. */
  openStore(shape: Pick<RowReader, 'width' | 'height' | 'channels' | 'depth'>): Promise<RowStore | null>;
  /** Bytes that a source may take in memory; a quarter of the budget of a job unless told. */
  readonly heldBytes?: number;
}
