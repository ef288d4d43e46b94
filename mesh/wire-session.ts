/** Sessions: how they are to compute, and what they showed when they were loaded. Our types ↔ protobuf. */
import { type LoadReply, Kernel as WireKernel, type SessionOptions as WireSettings } from '../proto/gen/mesh/v1/agent.ts';
import type { Kernel } from './kernel.ts';
import type { SessionFacts } from './session-facts.ts';
import { graphOptimizations, type SessionSettings } from './session-settings.ts';
import { choiceFromWire } from './wire-number.ts';
import { tensorSpecFromWire, tensorSpecToWire } from './wire-tensor.ts';

type WireFacts = Pick<LoadReply, keyof SessionFacts>;

/** Error `invalid` for settings that make no sense. */
export function sessionSettingsFromWire({ intraOpThreads, spinning, graphOptimization }: WireSettings): SessionSettings {
  return { intraOpThreads, spinning, graphOptimization: choiceFromWire(graphOptimization, graphOptimizations, 'graph_optimization') };
}

export function sessionFactsToWire({ loadMs, warmupMs, outputs, kernels }: SessionFacts): WireFacts {
  return { loadMs, warmupMs, outputs: outputs.map(tensorSpecToWire), kernels: kernels.map(kernelToWire) };
}

/** Errors: those of `tensorSpecFromWire`. */
export function sessionFactsFromWire({ loadMs, warmupMs, outputs, kernels }: WireFacts): SessionFacts {
  return { loadMs, warmupMs, outputs: outputs.map(tensorSpecFromWire), kernels: kernels.map(kernelFromWire) };
}

export function kernelToWire({ name, operator, inputs, outputs }: Kernel): WireKernel {
  return WireKernel.fromPartial({ name, operator, inputs: [...inputs], outputs: [...outputs] });
}

export function kernelFromWire({ name, operator, inputs, outputs }: WireKernel): Kernel {
  return { name, operator, inputs, outputs };
}
