/**
 * What a runtime really computes. After its optimizations one kernel may stand for several nodes of a model, so kernels, not nodes, decide
 * what a stage costs and to which bit its results agree with another's.
 */
export interface Kernel {
  /** The runtime's choice; as a rule that of the last node or tensor the kernel stands for. */
  readonly name: string;
  /** With `nchwc.` before it when it works on blocks of channels. */
  readonly operator: string;
  /** `float32[1, 64, 56, 56]`, in the kernel's order, weights included. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** With the median of its times, microseconds, without what a profiler adds between kernels. */
export interface TimedKernel extends Kernel {
  readonly us: number;
}
