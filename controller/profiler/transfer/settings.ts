/** What the transfer to a device supposes before it has seen a timing of it. All in natural logarithms of milliseconds: 0.1 is about 10 %. */
export interface TransferSettings {
  /** Of each known device in the first prediction; they add up to 1. */
  readonly weights: readonly number[];
  /** Where weights turn without changing a prediction. Absent: at the first timing, which then says how fast the device is and nothing else. */
  readonly centre?: readonly number[];
  /** Standard deviation of how much faster or slower the device is than that. Wide: 2 is a factor of 7. */
  readonly offsetSpread: number;
  /** Standard deviation of what moves from one weight to others: it takes tens of timings to find out whom the device is like. */
  readonly weightSpread: number;
  /** Standard deviation of the sum of weights, so of the power by which large subjects take longer than small ones. Tight: few timings would lead it astray. */
  readonly sumSpread: number;
  /** Standard deviation of a timing around the prediction: what timings vary, and what the basis does not know. */
  readonly noise: number;
  /** So many timings that was worth when others are seen. Very many: it stays. */
  readonly noiseCount: number;
  /** Standard deviations from which on a timing counts less (Huber). Very many: all count the same. */
  readonly huber: number;
  /** Each timing makes all before it count so much. 1: nothing is forgotten. */
  readonly forgetting: number;
  /** So many first timings are looked at together, each time anew. */
  readonly together: number;
}

const usual: Omit<TransferSettings, 'weights'> = {
  offsetSpread: 2,
  weightSpread: 0.3,
  sumSpread: 0.05,
  noise: 0.2,
  noiseCount: 4,
  huber: 1.345,
  forgetting: 0.99,
  together: 8,
};

export function transferSettings(given: Pick<TransferSettings, 'weights'> & Partial<TransferSettings>): TransferSettings {
  const { weights } = given;
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (weights.length === 0 || !(Math.abs(sum - 1) < 1e-6)) throw new RangeError(`weights of known devices add up to ${sum}, not to 1`);
  return { ...usual, ...given };
}
