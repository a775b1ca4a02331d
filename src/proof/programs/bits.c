// Bits: counting, rotating, swapping, sign extension from 8, 16 and 32, fields, shifts by more than a machine shifts.
#include <stdint.h>
#include <stdio.h>

static volatile uint32_t words[] = {0, 1, 0x80000000, 0xdeadbeef, 0xffffffff};
static volatile uint64_t longs[] = {1, 0x0123456789abcdef, 0x8000000000000000};

typedef struct { unsigned low : 3; signed middle : 5; unsigned high : 24; } Fields;

__attribute__((noinline)) static uint32_t rotate(uint32_t value, unsigned by) { return value << (by & 31) | value >> (-by & 31); }
__attribute__((noinline)) static uint64_t rotate64(uint64_t value, unsigned by) { return value >> (by & 63) | value << (-by & 63); }

static uint32_t crc32(const char *text) {
  uint32_t crc = ~0u;
  for (; *text != '\0'; text++) {
    crc ^= (unsigned char)*text;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc;
}

int main(void) {
  for (int i = 0; i < 5; i++) {
    uint32_t w = words[i];
    printf("%08x: ones %d parity %d lead %d trail %d swapped %08x rotated %08x\n", w, __builtin_popcount(w), __builtin_parity(w),
           w ? __builtin_clz(w) : 32, w ? __builtin_ctz(w) : 32, __builtin_bswap32(w), rotate(w, 12));
  }
  for (int i = 0; i < 3; i++) {
    uint64_t l = longs[i];
    printf("%016llx: ones %d lead %d trail %d swapped %016llx rotated %016llx\n", (unsigned long long)l, __builtin_popcountll(l),
           __builtin_clzll(l), __builtin_ctzll(l), (unsigned long long)__builtin_bswap64(l), (unsigned long long)rotate64(l, 20));
  }
  uint32_t w = words[3];
  printf("%d %d %lld %lld %lld\n", (int8_t)w, (int16_t)w, (long long)(int8_t)longs[1], (long long)(int16_t)longs[1], (long long)(int32_t)w);
  printf("%d %u %lld\n", (int32_t)w >> 4, w >> 4, (long long)((int64_t)longs[2] >> 60));
  Fields fields = {.low = 5, .middle = -11, .high = 0xabcdef};
  fields.low += 4;
  fields.middle -= 6;
  printf("%u %d %x\n", fields.low, fields.middle, fields.high);
  uint8_t wraps8 = 250;
  uint16_t wraps16 = 65530;
  wraps8 += 10, wraps16 += 10;
  printf("%u %u\n", wraps8, wraps16);
  printf("crc32 %08x\n", (unsigned)crc32("123456789")); // the check value of every CRC-32 table: cbf43926
  unsigned char bytes[9] = {9, 1, 2, 3, 4, 5, 6, 7, 8};
  uint32_t unaligned;
  __builtin_memcpy(&unaligned, bytes + 1, 4);
  printf("unaligned, little-endian: %08x\n", (unsigned)unaligned);
  return 0;
}
