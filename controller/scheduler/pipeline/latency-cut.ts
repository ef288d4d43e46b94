/**
 * The shortest time of one frame over devices in a given order, exactly, by one minimum cut; however wide the model is.
 *
 *     label of a layer     its place in the order; a node (layer, j) is on the near side when the label is greater than j
 *     computing            near ─ (v,0) ─ (v,1) ─ … ─ far: cutting the arc of j costs the layer's time on device j
 *     never back           (u,j) ═∞═▶ (v,j) for each u that v reads from, and (v,j) ═∞═▶ (v,j−1)
 *     paid once            readers (v,j) ═∞═▶ tensor ── bytes of the tensor over link j ──▶ (maker,j)
 *
 * (Hu et al., Dynamic Adaptive DNN Surgery, INFOCOM 2019, cuts in two with one arc per tensor and no arcs that keep data from flowing back: its
 * cuts can put a layer before what it reads. The auxiliary nodes and infinite arcs here are what is missing there.)
 *
 * Tensors go from neighbour to neighbour; what is not encoded is assumed to travel as it is. Memory is not looked at.
 */
import type { LayerSet } from '../../../partition/cuts/layer-flow.ts';
import { type Fleet, transferTime } from './fleet.ts';
import { FlowNetwork } from './flow-network.ts';
import type { Workload } from './workload.ts';

export interface OrderedCut {
  /** Of each layer by number (entry 0 unused): its place in the order. */
  readonly label: readonly number[];
  /** Of a frame. */
  readonly latency: number;
}

/** `order`: places; the first is where the frames come from, if that is a place of the fleet. One that is no device computes nothing. */
export function latencyCut(workload: Workload, fleet: Fleet, order: readonly number[]): OrderedCut {
  const { flow, inputs, outputs, compute } = workload;
  const network = new FlowNetwork();
  const [near, far] = [network.addNode(), network.addNode()];
  const steps = order.length - 1;
  const isDevice = (place: number): boolean => place < fleet.devices.length;
  const nodes = Array.from({ length: flow.count + 1 }, (_, layer) =>
    Array.from({ length: layer === 0 ? 0 : steps }, () => network.addNode()),
  );
  const timeOf = (layer: number, place: number): number => {
    if (!isDevice(place)) return Number.POSITIVE_INFINITY;
    const results =
      fleet.sink === undefined || fleet.sink === place ? [] : outputs.filter(({ maker, bytes }) => maker === layer && bytes > 0);
    const { cpuPerByte, cpuPerMessage } = fleet.devices[place]!;
    const handed = results.reduce(
      (sum, { bytes }) => sum + transferTime(fleet, bytes, place, fleet.sink!) + bytes * cpuPerByte + cpuPerMessage,
      0,
    );
    return compute[layer]![place]! + handed;
  };
  for (let layer = 1; layer <= flow.count; layer += 1) {
    const chain = nodes[layer]!;
    for (let j = 0; j <= steps; j += 1) {
      network.addArc(chain[j - 1] ?? near, chain[j] ?? far, timeOf(layer, order[j]!));
      if (j > 0 && j < steps) network.addArc(chain[j]!, chain[j - 1]!, Number.POSITIVE_INFINITY);
    }
    for (const source of flow.readsFrom[layer]!) {
      for (let j = 0; j < steps; j += 1) network.addArc(nodes[source]![j]!, chain[j]!, Number.POSITIVE_INFINITY);
    }
  }
  const cross = (readers: readonly number[], maker: (j: number) => number, price: (j: number) => number): void => {
    for (let j = 0; j < steps; j += 1) {
      const tensor = network.addNode();
      for (const reader of readers) network.addArc(nodes[reader]![j]!, tensor, Number.POSITIVE_INFINITY);
      network.addArc(tensor, maker(j), price(j));
    }
  };
  const perByte = (j: number): number => {
    const [p, q] = [order[j]!, order[j + 1]!];
    const cpu = [p, q].reduce((sum, place) => sum + (isDevice(place) ? fleet.devices[place]!.cpuPerByte : 0), 0);
    return 1 / fleet.bandwidth[p * fleet.places + q]! + cpu;
  };
  const perHop = (j: number): number => {
    const [p, q] = [order[j]!, order[j + 1]!];
    const cpu = [p, q].reduce((sum, place) => sum + (isDevice(place) ? fleet.devices[place]!.cpuPerMessage : 0), 0);
    return fleet.latency[p * fleet.places + q]! + cpu;
  };
  for (const { maker, readers, bytes } of flow.tensors)
    cross(
      readers,
      (j) => nodes[maker]![j]!,
      (j) => (bytes ?? Number.POSITIVE_INFINITY) * perByte(j),
    );
  // The model's inputs are made at the first place. Without a source they are wherever they are read.
  if (fleet.source !== undefined)
    for (const { readers, bytes } of inputs)
      cross(
        readers,
        () => far,
        (j) => bytes * perByte(j),
      );
  const all = Array.from({ length: flow.count }, (_, index) => index + 1);
  cross(all, () => far, perHop);
  const { value, near: isNear } = network.minimumCut(near, far);
  return { latency: value, label: nodes.map((chain) => chain.filter((node) => isNear[node]).length) };
}

/** The closed sets in which the stages of a cut end, the last of all layers included, and the place in the order of each stage. */
export function stagesOfLabels(label: readonly number[]): { readonly sets: readonly LayerSet[]; readonly places: readonly number[] } {
  const places = [...new Set(label.slice(1))].sort((a, b) => a - b);
  let set = 0n;
  const sets = places.map((place) => {
    for (const [layer, own] of label.entries()) if (layer > 0 && own === place) set |= 1n << BigInt(layer);
    return set;
  });
  return { sets, places };
}
