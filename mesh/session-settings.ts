/** How ONNX Runtime is to compute a model. */
export const graphOptimizations = ['disabled', 'basic', 'extended', 'all'] as const;

export interface SessionSettings {
  /** 0: as many as whole cores are available. */
  readonly intraOpThreads: number;
  readonly spinning: boolean;
  readonly graphOptimization: (typeof graphOptimizations)[number];
}
