/*
 * The native side of bench/codec.ts: c-blosc2 with one thread, and memcpy, asked line by line so that its samples lie between ours.
 *
 *     load FILE                                   ──▶  BYTES
 *     time CODEC LEVEL FILTER TYPESIZE CHUNK MS   ──▶  CHUNK_BYTES_IN_ALL  COMPRESS_NS  DECOMPRESS_NS
 *     copy CHUNK MS                               ──▶  NS
 *
 * CODEC and FILTER are numbers of the format. The loaded bytes are cut into pieces of CHUNK bytes; a time is one pass over all of them, the
 * mean of as many passes as fit into MS milliseconds, at least one. What was decompressed is compared with what was loaded.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "blosc2.h"

static uint8_t *raw, *packed, *unpacked;
static int64_t raw_bytes;

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static int64_t piece(int64_t at, int64_t chunk) { return raw_bytes - at < chunk ? raw_bytes - at : chunk; }

static void load(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail("the data can't be opened");
  fseek(file, 0, SEEK_END);
  raw_bytes = ftell(file);
  rewind(file);
  free(raw);
  free(packed);
  free(unpacked);
  raw = malloc((size_t)raw_bytes);
  unpacked = malloc((size_t)raw_bytes);
  packed = malloc((size_t)(raw_bytes * 2) + 65536);
  if (raw == NULL || unpacked == NULL || packed == NULL) fail("out of memory");
  if (fread(raw, 1, (size_t)raw_bytes, file) != (size_t)raw_bytes) fail("the data can't be read");
  fclose(file);
  /* Pages that were never written are not what a program works with. */
  memset(unpacked, 1, (size_t)raw_bytes);
  memset(packed, 1, (size_t)(raw_bytes * 2) + 65536);
  printf("%lld\n", (long long)raw_bytes);
}

/* Each chunk at a place of its own: begins[i] to begins[i + 1]. */
static int64_t compress_all(blosc2_context *context, int64_t chunk, int64_t *begins) {
  int64_t end = 0, count = 0;
  for (int64_t at = 0; at < raw_bytes; at += chunk) {
    const int64_t bytes = piece(at, chunk);
    const int written = blosc2_compress_ctx(context, raw + at, (int32_t)bytes, packed + end, (int32_t)bytes + BLOSC2_MAX_OVERHEAD);
    if (written <= 0) fail("c-blosc2 did not compress");
    begins[count++] = end;
    end += written;
  }
  begins[count] = end;
  return end;
}

static void decompress_all(blosc2_context *context, int64_t chunk, const int64_t *begins) {
  int64_t number = 0;
  for (int64_t at = 0; at < raw_bytes; at += chunk, number++) {
    const int64_t bytes = piece(at, chunk);
    const int64_t length = begins[number + 1] - begins[number];
    if (blosc2_decompress_ctx(context, packed + begins[number], (int32_t)length, unpacked + at, (int32_t)bytes) != bytes) {
      fail("c-blosc2 did not decompress");
    }
  }
}

static void time_codec(int codec, int level, int filter, int typesize, int64_t chunk, double ms) {
  blosc2_cparams cparams = BLOSC2_CPARAMS_DEFAULTS;
  cparams.compcode = (uint8_t)codec;
  cparams.clevel = (uint8_t)level;
  cparams.typesize = typesize;
  cparams.nthreads = 1;
  cparams.filters[BLOSC2_MAX_FILTERS - 1] = (uint8_t)filter;
  blosc2_dparams dparams = BLOSC2_DPARAMS_DEFAULTS;
  dparams.nthreads = 1;
  blosc2_context *compressor = blosc2_create_cctx(cparams);
  blosc2_context *decompressor = blosc2_create_dctx(dparams);
  int64_t *begins = malloc(sizeof(int64_t) * (size_t)(raw_bytes / chunk + 2));
  if (compressor == NULL || decompressor == NULL || begins == NULL) fail("out of memory");

  int64_t total = compress_all(compressor, chunk, begins);
  double begin = now_ns(), end = begin;
  long passes = 0;
  for (; passes == 0 || end - begin < ms * 1e6; end = now_ns(), passes++) total = compress_all(compressor, chunk, begins);
  const double compress_ns = (end - begin) / (double)passes;

  decompress_all(decompressor, chunk, begins);
  if (memcmp(raw, unpacked, (size_t)raw_bytes) != 0) fail("c-blosc2 decompressed to something else");
  begin = end = now_ns();
  for (passes = 0; passes == 0 || end - begin < ms * 1e6; end = now_ns(), passes++) decompress_all(decompressor, chunk, begins);
  printf("%lld %.0f %.0f\n", (long long)total, compress_ns, (end - begin) / (double)passes);
  free(begins);
  blosc2_free_ctx(compressor);
  blosc2_free_ctx(decompressor);
}

static void time_copy(int64_t chunk, double ms) {
  double begin = now_ns(), end = begin;
  long passes = 0;
  for (; passes == 0 || end - begin < ms * 1e6; end = now_ns(), passes++) {
    for (int64_t at = 0; at < raw_bytes; at += chunk) {
      memcpy(unpacked + at, raw + at, (size_t)piece(at, chunk));
      /* Nobody reads the copy, which the compiler must not find out. */
      __asm__ volatile("" : : "r"(unpacked + at) : "memory");
    }
  }
  printf("%.0f\n", (end - begin) / (double)passes);
}

int main(void) {
  char line[4096];
  blosc2_init();
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin) != NULL) {
    char path[4000];
    int codec, level, filter, typesize;
    long long chunk;
    double ms;
    if (sscanf(line, "load %3999[^\n]", path) == 1) load(path);
    else if (sscanf(line, "time %d %d %d %d %lld %lf", &codec, &level, &filter, &typesize, &chunk, &ms) == 6)
      time_codec(codec, level, filter, typesize, chunk, ms);
    else if (sscanf(line, "copy %lld %lf", &chunk, &ms) == 2) time_copy(chunk, ms);
    else fail("a line that is none of load, time and copy");
  }
  return 0;
}
