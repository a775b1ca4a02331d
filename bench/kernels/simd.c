// A SIMD kernel without a library: four floats, then sixteen bytes at a time.
#include <wasm_simd128.h>

static float left[4096], right[4096];
static unsigned char text[1 << 14];

int simd(int rounds) {
  unsigned count = 0;
  for (int i = 0; i < 4096; i++) { left[i] = (i & 63) * 0.5f; right[i] = 1.0f / (1 + (i & 31)); }
  for (int i = 0; i < (int)sizeof text; i++) text[i] = i * 31;
  v128_t sum = wasm_f32x4_splat(0);
  for (int r = 0; r < rounds; r++) {
    for (int i = 0; i < 4096; i += 4) sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_v128_load(left + i), wasm_v128_load(right + i)));
    sum = wasm_f32x4_mul(sum, wasm_f32x4_splat(0.5f));
    for (int i = 0; i < (int)sizeof text; i += 16) count += __builtin_popcount(wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(text + i), wasm_i8x16_splat(r))));
  }
  return (int)wasm_f32x4_extract_lane(sum, 0) ^ count;
}

#ifdef RUN
int run(void) { return RUN; }
#endif
