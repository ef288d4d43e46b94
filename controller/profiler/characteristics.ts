/**
 * What is published of a model's structure when its running time is predicted from a few numbers: counts, not shapes.
 */
export interface ModelCharacteristics {
  /** Conv whose weight is an initializer. */
  readonly convLayers: number;
  /** MaxPool, AveragePool, GlobalAveragePool. */
  readonly poolLayers: number;
  /** Gemm; MatMul with an initializer, or after Flatten; Conv directly after GlobalAveragePool. */
  readonly fcLayers: number;
  /** Output channels of all Conv, added. */
  readonly filterDetails: number;
  /** Elements of all initializers. */
  readonly totalParameters: number;
}
