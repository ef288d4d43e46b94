/** The Files service as both ends see it: the generated definition, with the serializers of what carries payload replaced by copy-free ones. */
import type { MethodDefinition } from '@grpc/grpc-js';
import { FilesService, type GetRequest, type PutReply } from '../../proto/gen/mesh/v1/files.ts';
import { decodeGetChunk, decodePutChunk, encodeGetChunk, encodePutChunk, type GetChunk, type PutChunk } from './chunk-codec.ts';

export const getMethod: MethodDefinition<GetRequest, GetChunk> = {
  ...FilesService.get,
  responseSerialize: encodeGetChunk,
  responseDeserialize: decodeGetChunk,
};

export const putMethod: MethodDefinition<PutChunk, PutReply> = {
  ...FilesService.put,
  requestSerialize: encodePutChunk,
  requestDeserialize: decodePutChunk,
};

export const filesService = { ...FilesService, get: getMethod, put: putMethod };
