/** The best split of a node found so far; one that gains as much does not replace it: the first column wins. */
export class BestSplit {
  gain = 0;
  feature = -1;
  threshold = 0;
  defaultLeft = false;

  clear(): void {
    this.gain = 0;
    this.feature = -1;
    this.threshold = 0;
    this.defaultLeft = false;
  }

  /** Not for a gain that is no more than the best one's. */
  set(gain: number, feature: number, threshold: number, defaultLeft: boolean): void {
    this.gain = gain;
    this.feature = feature;
    this.threshold = threshold;
    this.defaultLeft = defaultLeft;
  }
}
