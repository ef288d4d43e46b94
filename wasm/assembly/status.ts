/**
 * What a function returns instead of a length when it can't do its work: negative numbers, the same in every module, named once.
 */

/** The bytes are no valid stream, block or chunk. */
export const DAMAGED: i32 = -1;
/** The output does not fit where it should go. */
export const TOO_LARGE: i32 = -2;
/** Valid, but needs something that is not here: a dictionary, a plugin, another codec. */
export const UNSUPPORTED: i32 = -3;
/** The caller's arguments make no sense together. */
export const USAGE: i32 = -4;
