/** What a session showed when it was loaded: our types ↔ the fields of a LoadReply. */
import { type LoadReply, Kernel as WireKernel } from '../proto/gen/mesh/v1/agent.ts';
import type { Kernel } from './kernel.ts';
import type { SessionFacts } from './session-facts.ts';
import { tensorSpecFromWire, tensorSpecToWire } from './wire-tensor.ts';

type WireFacts = Pick<LoadReply, keyof SessionFacts>;

export function sessionFactsToWire({ loadMs, warmupMs, outputs, kernels }: SessionFacts): WireFacts {
  return { loadMs, warmupMs, outputs: outputs.map(tensorSpecToWire), kernels: kernels.map(kernelToWire) };
}

/** Errors: those of `tensorSpecFromWire`. */
export function sessionFactsFromWire({ loadMs, warmupMs, outputs, kernels }: WireFacts): SessionFacts {
  return { loadMs, warmupMs, outputs: outputs.map(tensorSpecFromWire), kernels };
}

function kernelToWire({ name, operator, inputs, outputs }: Kernel): WireKernel {
  return WireKernel.fromPartial({ name, operator, inputs: [...inputs], outputs: [...outputs] });
}
