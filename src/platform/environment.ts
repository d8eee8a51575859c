/** What this browser and page can do, as far as the interface must say so. */
export interface Environment {
  /** Cross-origin isolation: SharedArrayBuffer and threads work. */
  readonly isolated: boolean;
  /** Logical processors; 1 when the browser does not tell. */
  readonly processors: number;
}

export const readEnvironment = (): Environment => ({
  isolated: window.crossOriginIsolated,
  processors: navigator.hardwareConcurrency || 1,
});
