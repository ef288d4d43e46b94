/** A chain of two stages whose link is what frames wait for, and what a run of it measures, computed: a million bytes from a to b. */
import type { AutomaticCodecs } from '../../../controller/codec/automatic-codecs.ts';
import type { CodecSteering } from '../../../controller/run/steering.ts';
import { codecAt } from '../../../mesh/codec-cycle.ts';
import type { LinkMeasurement, StageMeasurement } from '../../../mesh/measurement.ts';
import type { Plan } from '../../../partition/plan.ts';

const spec = (name: string) => ({ name, dtype: 'float32' as const, dims: [250_000] });
export const plan: Plan = {
  epoch: 1n,
  stages: [
    { id: 'a', device: 'pi1', layers: '1', inputs: [spec('x')], outputs: [spec('h')] },
    { id: 'b', device: 'pi2', layers: '2', inputs: [spec('h')], outputs: [spec('y')] },
  ],
  routes: [
    { from: 'source', to: 'a', tensors: ['x'], codec: 'none' },
    { from: 'a', to: 'b', tensors: ['h'], codec: 'auto' },
    { from: 'b', to: 'sink', tensors: ['y'], codec: 'none' },
  ],
};
export const ab = { from: 'a', to: 'b' };
export const RAW = 1_000_000;

/** Wire bytes, encode and decode in microseconds of a million bytes. */
export const codecs: Readonly<Record<string, readonly [number, number, number]>> = {
  none: [RAW, 0, 0],
  lz4: [700_000, 1_000, 500],
  blosc2: [500_000, 2_000, 1_000],
  int8: [200_000, 2_000, 1_000],
  int4: [80_000, 2_500, 1_000],
};

/** What a run measures whose steering is `steered`, in ticks; the link can be changed. */
export class World {
  readonly #steered: CodecSteering;
  readonly computeUs: number;
  bytesPerUs: number;
  #next = 0n;
  readonly travelled: string[] = [];

  constructor(steered: CodecSteering, computeUs: number, bytesPerUs: number) {
    this.#steered = steered;
    this.computeUs = computeUs;
    this.bytesPerUs = bytesPerUs;
    steered.begin(async () => this.#next);
  }

  tick(frames: number): void {
    const links: LinkMeasurement[] = [];
    const stages: StageMeasurement[] = [];
    for (let i = 0; i < frames; i += 1) {
      const frame = this.#next++;
      for (const [from, to] of [
        ['source', 'a'],
        ['b', 'sink'],
      ] as const) {
        links.push({ from, to, frame, rawBytes: 1000, wireBytes: 1000, transferUs: 10, occupiedUs: 10, encodeUs: 0, codec: 'none' });
      }
      const codec = codecAt(this.#steered.cycleOf({ ...ab, codec: 'auto' }), frame);
      this.travelled.push(codec);
      const [wireBytes, encodeUs, decodeUs] = codecs[codec]!;
      const occupiedUs = wireBytes / this.bytesPerUs + encodeUs;
      links.push({ ...ab, frame, rawBytes: RAW, wireBytes, transferUs: occupiedUs, occupiedUs, encodeUs, codec });
      const common = { frame, queueUs: 0, computeUs: this.computeUs };
      stages.push(
        { ...common, stage: 'a', device: 'pi1', decodeUs: 0, encodeUs },
        { ...common, stage: 'b', device: 'pi2', decodeUs, encodeUs: 0 },
      );
    }
    this.#steered.measured({ frames: [], links, stages });
  }
}

export const lossless = ['none', 'lz4', 'blosc2'];
export const common = { plan, objective: 'throughput' as const, named: undefined, machines: { cores: () => 2, threads: 1 }, lossless };

export const codecOf = (steered: AutomaticCodecs): string => steered.report().routes[1]!.codec;
