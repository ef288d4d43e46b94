/*
 * The real c-blosc2 at the other end of a pipe: reads orders from standard input, does each, writes the results to standard output.
 *
 *   order   op typesize codec level blocksize split capacity length (int32 each)  filters[6]  metas[6]  length bytes
 *   result  bytes, or a negative error (int32)   the bytes
 *
 *   op 0  compress             bytes -> chunk             capacity: of the chunk
 *   op 1  decompress           chunk -> bytes             capacity: of the bytes
 *   op 2  write a frame        bytes -> frame             capacity: bytes of a chunk; with metalayer "fixed" and vlmetalayer "loose"
 *   op 3  read a frame         frame -> bytes             capacity: of the bytes
 *   op 4  layers of a frame    frame -> contents of the metalayer "fixed", then of the vlmetalayer "loose"
 *   op 5  frame of specials    -> frame of `length` chunks of `capacity` bytes, of special value `level`
 *   op 6  compress (Blosc1)    bytes -> chunk             with the 16-byte header
 */
#include <blosc2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct order {
  int32_t op, typesize, codec, level, blocksize, split, capacity, length;
  uint8_t filters[6], metas[6];
};

static blosc2_cparams cparams_of(const struct order* order) {
  blosc2_cparams cparams = BLOSC2_CPARAMS_DEFAULTS;
  cparams.typesize = order->typesize;
  cparams.compcode = (uint8_t)order->codec;
  cparams.clevel = (uint8_t)order->level;
  cparams.blocksize = order->blocksize;
  cparams.splitmode = order->split;
  memcpy(cparams.filters, order->filters, 6);
  memcpy(cparams.filters_meta, order->metas, 6);
  return cparams;
}

static void answer(int64_t result, const void* bytes) {
  int32_t head = (int32_t)result;
  fwrite(&head, 4, 1, stdout);
  if (head > 0) fwrite(bytes, 1, (size_t)head, stdout);
}

static void compress_chunk(const struct order* order, const uint8_t* bytes) {
  uint8_t* chunk = malloc((size_t)order->capacity + 1);
  blosc2_context* context = blosc2_create_cctx(cparams_of(order));
  answer(blosc2_compress_ctx(context, bytes, order->length, chunk, order->capacity), chunk);
  blosc2_free_ctx(context);
  free(chunk);
}

static void compress_blosc1(const struct order* order, const uint8_t* bytes) {
  uint8_t* chunk = malloc((size_t)order->capacity + 1);
  const char* name;
  blosc2_compcode_to_compname(order->codec, &name);
  blosc1_set_compressor(name);
  blosc1_set_blocksize((size_t)order->blocksize);
  blosc2_set_delta(order->filters[4] == BLOSC_DELTA);
  blosc1_set_splitmode(order->split);
  setenv("BLOSC_BLOSC1_COMPAT", "1", 1);
  answer(blosc1_compress(order->level, order->filters[5], (size_t)order->typesize, (size_t)order->length, bytes, chunk,
                         (size_t)order->capacity), chunk);
  unsetenv("BLOSC_BLOSC1_COMPAT");
  free(chunk);
}

static void decompress_chunk(const struct order* order, const uint8_t* bytes) {
  uint8_t* raw = malloc((size_t)order->capacity + 1);
  blosc2_context* context = blosc2_create_dctx(BLOSC2_DPARAMS_DEFAULTS);
  answer(blosc2_decompress_ctx(context, bytes, order->length, raw, order->capacity), raw);
  blosc2_free_ctx(context);
  free(raw);
}

static void answer_frame(blosc2_schunk* schunk) {
  uint8_t* frame = NULL;
  bool needs_free = false;
  int64_t length = blosc2_schunk_to_buffer(schunk, &frame, &needs_free);
  answer(length, frame);
  if (needs_free) free(frame);
  blosc2_schunk_free(schunk);
}

static blosc2_schunk* new_schunk(blosc2_cparams* cparams) {
  blosc2_storage storage = BLOSC2_STORAGE_DEFAULTS;
  storage.contiguous = true;
  storage.cparams = cparams;
  return blosc2_schunk_new(&storage);
}

static void write_frame(const struct order* order, const uint8_t* bytes) {
  blosc2_cparams cparams = cparams_of(order);
  blosc2_schunk* schunk = new_schunk(&cparams);
  blosc2_meta_add(schunk, "fixed", (uint8_t*)"constant length", 15);
  for (int32_t at = 0; at < order->length; at += order->capacity) {
    int32_t rest = order->length - at;
    blosc2_schunk_append_buffer(schunk, bytes + at, rest < order->capacity ? rest : order->capacity);
  }
  blosc2_vlmeta_add(schunk, "loose", (uint8_t*)"any length", 10, &cparams);
  answer_frame(schunk);
}

static void write_specials(const struct order* order) {
  blosc2_cparams cparams = cparams_of(order);
  blosc2_schunk* schunk = new_schunk(&cparams);
  int64_t items = (int64_t)order->length * order->capacity / order->typesize;
  blosc2_schunk_fill_special(schunk, items, order->level, order->capacity);
  answer_frame(schunk);
}

static void read_frame(const struct order* order, uint8_t* bytes) {
  blosc2_schunk* schunk = blosc2_schunk_from_buffer(bytes, order->length, false);
  if (schunk == NULL) {
    answer(-1, NULL);
    return;
  }
  uint8_t* raw = malloc((size_t)order->capacity + 1);
  int64_t at = 0;
  for (int64_t chunk = 0; chunk < schunk->nchunks && at >= 0; chunk++) {
    int got = blosc2_schunk_decompress_chunk(schunk, chunk, raw + at, order->capacity - (int32_t)at);
    at = got < 0 ? got : at + got;
  }
  answer(at == schunk->nbytes || at < 0 ? at : -2, raw);
  free(raw);
  blosc2_schunk_avoid_cframe_free(schunk, true);
  blosc2_schunk_free(schunk);
}

static void read_layers(const struct order* order, uint8_t* bytes) {
  blosc2_schunk* schunk = blosc2_schunk_from_buffer(bytes, order->length, false);
  if (schunk == NULL) {
    answer(-1, NULL);
    return;
  }
  uint8_t *fixed = NULL, *loose = NULL;
  int32_t fixed_length = 0, loose_length = 0;
  int got = blosc2_meta_get(schunk, "fixed", &fixed, &fixed_length);
  if (got >= 0) got = blosc2_vlmeta_get(schunk, "loose", &loose, &loose_length);
  if (got < 0) answer(got, NULL);
  else {
    uint8_t* both = malloc((size_t)(fixed_length + loose_length));
    memcpy(both, fixed, (size_t)fixed_length);
    memcpy(both + fixed_length, loose, (size_t)loose_length);
    answer(fixed_length + loose_length, both);
    free(both);
  }
  free(fixed);
  free(loose);
  blosc2_schunk_avoid_cframe_free(schunk, true);
  blosc2_schunk_free(schunk);
}

int main(void) {
  struct order order;
  blosc2_init();
  while (fread(&order, sizeof order, 1, stdin) == 1) {
    uint8_t* bytes = malloc((size_t)order.length + 1);
    if (order.op != 5 && fread(bytes, 1, (size_t)order.length, stdin) != (size_t)order.length) return 1;
    if (order.op == 0) compress_chunk(&order, bytes);
    else if (order.op == 1) decompress_chunk(&order, bytes);
    else if (order.op == 2) write_frame(&order, bytes);
    else if (order.op == 3) read_frame(&order, bytes);
    else if (order.op == 4) read_layers(&order, bytes);
    else if (order.op == 5) write_specials(&order);
    else compress_blosc1(&order, bytes);
    free(bytes);
  }
  blosc2_destroy();
  return 0;
}
