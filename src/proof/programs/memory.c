// malloc, calloc, realloc, free and memory.grow under load: every block carries a pattern that is checked before it goes.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 256, ROUNDS = 2500 };

static struct { unsigned char *bytes; size_t size; unsigned char seed; } slots[SLOTS];
static uint32_t state = 2463534242u;

static uint32_t next(void) { // xorshift32: the same on every machine
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

static void fill(int slot, size_t from) {
  for (size_t i = from; i < slots[slot].size; i++) slots[slot].bytes[i] = (unsigned char)(slots[slot].seed + i);
}

static size_t damaged(int slot, size_t limit) {
  size_t wrong = 0;
  for (size_t i = 0; i < limit; i++) wrong += slots[slot].bytes[i] != (unsigned char)(slots[slot].seed + i);
  return wrong;
}

int main(void) {
  size_t wrong = 0, made = 0, moved = 0, freed = 0;
  for (int round = 0; round < ROUNDS; round++) {
    int slot = next() % SLOTS;
    size_t size = 1 + next() % (round % 50 == 0 ? 8000 : 150);
    if (slots[slot].bytes == NULL) {
      slots[slot].bytes = malloc(size);
      slots[slot].size = size;
      slots[slot].seed = (unsigned char)next();
      fill(slot, 0);
      made++;
    } else if (next() % 3 == 0) {
      size_t kept = size < slots[slot].size ? size : slots[slot].size;
      slots[slot].bytes = realloc(slots[slot].bytes, size);
      wrong += damaged(slot, kept);
      slots[slot].size = size;
      fill(slot, kept);
      moved++;
    } else {
      wrong += damaged(slot, slots[slot].size);
      free(slots[slot].bytes);
      slots[slot].bytes = NULL;
      freed++;
    }
  }
  uint32_t sum = 0;
  for (int slot = 0; slot < SLOTS; slot++) {
    if (slots[slot].bytes == NULL) continue;
    wrong += damaged(slot, slots[slot].size);
    for (size_t i = 0; i < slots[slot].size; i++) sum = sum * 31 + slots[slot].bytes[i];
    free(slots[slot].bytes);
  }
  printf("made %zu, moved %zu, freed %zu, damaged bytes %zu, checksum %08x\n", made, moved, freed, wrong, (unsigned)sum);

  size_t large = 24u << 20; // more than the module starts with: memory.grow
  unsigned char *block = calloc(large, 1);
  if (block == NULL) return 1;
  block[0] = 1, block[large / 2] = 2, block[large - 1] = 3;
  unsigned seen = 0, samples = 0;
  for (size_t i = 0; i < large; i += 4096) samples++, seen += block[i];
  printf("24 MiB of zeros: %u samples, sum %u, last %u\n", samples, seen, block[large - 1]);
  free(block);

  unsigned aligned = 0;
  for (size_t align = 16; align <= 4096; align *= 2) {
    void *p = aligned_alloc(align, align * 2);
    aligned += p != NULL && (uintptr_t)p % align == 0;
    free(p);
  }
  printf("aligned blocks: %u of 9\n", aligned);
  void *volatile impossible = malloc(SIZE_MAX - 64); // volatile, or the compiler may drop the call and assume success
  printf("more than there can be gives %s\n", impossible == NULL ? "null" : "a block");
  return 0;
}
