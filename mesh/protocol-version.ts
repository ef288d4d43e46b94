/** Version of the contract in proto/mesh/v1. Controllers and agents of another version are refused, with both versions named. */
export const PROTOCOL_VERSION = 3;
