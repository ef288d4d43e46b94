/** The Pull method as both ends see it: the generated definition with Part's serializer and deserializer replaced by copy-free ones. */
import type { MethodDefinition } from '@grpc/grpc-js';
import { type PullRequest, StageService } from '../../../proto/gen/mesh/v1/stage.ts';
import type { Part } from '../link.ts';
import { decodePart, encodePart } from './part-codec.ts';

export const pullMethod: MethodDefinition<PullRequest, Part> = {
  ...StageService.pull,
  responseSerialize: encodePart,
  responseDeserialize: decodePart,
};
