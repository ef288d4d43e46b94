/** How ONNX Runtime is to compute a model. */
export const graphOptimizations = ['disabled', 'basic', 'extended', 'all'] as const;

/** Threads of a device or a limit of so many cores; `asked` 0: as many as are good. More than whole cores only wait for each other. */
export function intraOpThreads(asked: number, cores: number): number {
  return asked > 0 ? asked : Math.max(1, Math.floor(cores));
}

export interface SessionSettings {
  /** 0: as many as whole cores are available. */
  readonly intraOpThreads: number;
  readonly spinning: boolean;
  readonly graphOptimization: (typeof graphOptimizations)[number];
}
