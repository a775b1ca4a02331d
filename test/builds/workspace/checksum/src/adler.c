/* RFC 1950, 8.2: compiled for the target, or not at all. */
#include <stddef.h>
#include <stdint.h>
#ifndef __wasi__
#error this is not the compiler for WASI
#endif

uint32_t adler32(const unsigned char *bytes, size_t count) {
  uint32_t a = 1, b = 0;
  for (size_t at = 0; at < count; at++) {
    a = (a + bytes[at]) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}
