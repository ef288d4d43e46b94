/**
 * What one frame costs: the layers of a model, what flows between them, and how long each takes on each device.
 *
 *     source ── inputs ──▶ layers ── tensors ──▶ layers ── outputs ──▶ sink
 *
 * Times are in the unit of the fleet's links (milliseconds and bytes per millisecond, as the commands use it).
 */
import type { LayerFlow, LayerSet } from '../../../partition/cuts/layer-flow.ts';

export interface Workload {
  /** Layers 1 to `count`; the size of every tensor between layers is known. */
  readonly flow: LayerFlow;
  /** What the source sends: each to the stages that read it. */
  readonly inputs: readonly { readonly readers: readonly number[]; readonly bytes: number }[];
  /** What the sink wants: each from the stage that makes it. */
  readonly outputs: readonly { readonly maker: number; readonly bytes: number }[];
  /** [layer][device], row 0 unused. */
  readonly compute: readonly (readonly number[])[];
  /** Memory that a layer takes on its device, [layer], entry 0 unused; weights, above all. */
  readonly memoryBytes: readonly number[];
  /** What a stage takes besides, whatever its layers; 0 when not said. */
  readonly stageMemoryBytes?: number;
  /**
   * Times of whole stages as they were measured, by their layers; [device], undefined where it was not. They take precedence over the sum of
   * their layers: a runtime fuses across layers, caches are warm within a stage.
   */
  readonly segments?: ReadonlyMap<LayerSet, readonly (number | undefined)[]>;
}
