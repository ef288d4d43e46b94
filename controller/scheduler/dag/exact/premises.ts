/** Facts that together imply another, or that can't all hold: codes as on the trail, and for bounds the value that is needed. */
export class Premises {
  readonly codes: number[] = [];
  readonly values: number[] = [];

  get length(): number {
    return this.codes.length;
  }

  clear(): void {
    this.codes.length = 0;
    this.values.length = 0;
  }

  literal(literal: number): void {
    this.codes.push(literal);
    this.values.push(0);
  }

  /** The bound is at least so much. */
  bound(bound: number, value: number): void {
    this.codes.push(-1 - bound);
    this.values.push(value);
  }

  fact(code: number, value: number): void {
    this.codes.push(code);
    this.values.push(value);
  }
}
