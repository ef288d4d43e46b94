/** What stands for a node while a model is trained. */
import type { GraphNode } from '../../graph.ts';
import type { GraphWriter, Value } from '../graph-writer.ts';

/** What all rewrites of one graph share. */
export interface Training {
  readonly w: GraphWriter;
  /** The input that makes each run's random numbers others; the graph gets it when somebody asks. int64, a scalar. */
  seed(): Value;
  /** A number for each node that draws random numbers. */
  salt(): number;
  /** Remembers that a running statistic has a new value. */
  update(statistic: string, value: Value): void;
}

/** Adds nodes and returns what stands for the node's outputs, by position. Error `unsupported` for what it can't do. */
export type Rewrite = (training: Training, node: GraphNode) => readonly (Value | undefined)[];
