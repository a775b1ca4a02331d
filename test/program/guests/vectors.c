// Kernels as people write them with <wasm_simd128.h>, each against plain C on the same data; ChaCha20 against RFC 8439.
// Prints a line a kernel, with a checksum of what it computed.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wasm_simd128.h>

#define N 1024

// Plain C must stay plain, or both sides would be vectors.
#define PLAIN _Pragma("clang loop vectorize(disable) unroll(disable)")

static int failures;

static void report(const char *name, int same, const void *data, size_t size) {
  uint32_t a = 1, b = 0;
  for (size_t i = 0; i < size; i++) {
    a = (a + ((const uint8_t *)data)[i]) % 65521;
    b = (b + a) % 65521;
  }
  printf("%-10s %s %08x\n", name, same ? "same" : "DIFFERS", (unsigned)(b << 16 | a));
  failures += !same;
}

static uint32_t state = 12345;
static uint32_t next(void) { return state = state * 1664525u + 1013904223u; }

static uint8_t bytes_a[N], bytes_b[N], bytes_out[N], bytes_want[N];
static float floats_a[N], floats_b[N], floats_out[N], floats_want[N];
static double doubles_a[N], doubles_out[N], doubles_want[N];
static uint64_t words_a[N], words_out[N], words_want[N];

static void blend(void) { // a + (b - a) * 90 / 256 per channel
  const v128_t weight_a = wasm_u16x8_splat(166), weight_b = wasm_u16x8_splat(90);
  for (int i = 0; i < N; i += 16) {
    v128_t a = wasm_v128_load(bytes_a + i), b = wasm_v128_load(bytes_b + i);
    v128_t low = wasm_i16x8_add(wasm_i16x8_mul(wasm_u16x8_extend_low_u8x16(a), weight_a), wasm_i16x8_mul(wasm_u16x8_extend_low_u8x16(b), weight_b));
    v128_t high = wasm_i16x8_add(wasm_i16x8_mul(wasm_u16x8_extend_high_u8x16(a), weight_a), wasm_i16x8_mul(wasm_u16x8_extend_high_u8x16(b), weight_b));
    wasm_v128_store(bytes_out + i, wasm_u8x16_narrow_i16x8(wasm_u16x8_shr(low, 8), wasm_u16x8_shr(high, 8)));
  }
  PLAIN for (int i = 0; i < N; i++) bytes_want[i] = (bytes_a[i] * 166 + bytes_b[i] * 90) >> 8;
  report("blend", !memcmp(bytes_out, bytes_want, N), bytes_out, N);
}

static void find(void) { // where each byte value is found first
  static int32_t found[256], want[256];
  for (int value = 0; value < 256; value++) {
    v128_t wanted = wasm_i8x16_splat((int8_t)value);
    found[value] = want[value] = -1;
    for (int i = 0; i < N && found[value] < 0; i += 16) {
      uint32_t mask = wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(bytes_a + i), wanted));
      if (mask) found[value] = i + __builtin_ctz(mask);
    }
    PLAIN for (int i = N - 1; i >= 0; i--) if (bytes_a[i] == value) want[value] = i;
  }
  report("find", !memcmp(found, want, sizeof found), found, sizeof found);
}

static void hexadecimal(void) { // digits by swizzle, interleaved by shuffle
  static char text[2 * N], want[2 * N];
  const v128_t digits = wasm_i8x16_make('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f');
  for (int i = 0; i < N; i += 16) {
    v128_t x = wasm_v128_load(bytes_a + i);
    v128_t high = wasm_i8x16_swizzle(digits, wasm_u8x16_shr(x, 4)), low = wasm_i8x16_swizzle(digits, wasm_v128_and(x, wasm_i8x16_splat(15)));
    wasm_v128_store(text + 2 * i, wasm_i8x16_shuffle(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
    wasm_v128_store(text + 2 * i + 16, wasm_i8x16_shuffle(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31));
  }
  PLAIN for (int i = 0; i < N; i++) {
    want[2 * i] = "0123456789abcdef"[bytes_a[i] >> 4];
    want[2 * i + 1] = "0123456789abcdef"[bytes_a[i] & 15];
  }
  report("hex", !memcmp(text, want, sizeof text), text, sizeof text);
}

static void bits(void) { // population count, summed in growing lanes
  v128_t sum = wasm_i64x2_const(0, 0);
  for (int i = 0; i < N; i += 16) {
    v128_t quads = wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16(wasm_i8x16_popcnt(wasm_v128_load(bytes_b + i))));
    sum = wasm_i64x2_add(sum, wasm_i64x2_add(wasm_u64x2_extend_low_u32x4(quads), wasm_u64x2_extend_high_u32x4(quads)));
  }
  uint64_t count = (uint64_t)(wasm_i64x2_extract_lane(sum, 0) + wasm_i64x2_extract_lane(sum, 1)), want = 0;
  PLAIN for (int i = 0; i < N; i++) want += (unsigned)__builtin_popcount(bytes_b[i]);
  report("bits", count == want, &count, sizeof count);
}

static void polynomial(void) {
  for (int i = 0; i < N; i += 4) {
    v128_t x = wasm_v128_load(floats_a + i), y = wasm_f32x4_splat(0.25f);
    y = wasm_f32x4_add(wasm_f32x4_mul(y, x), wasm_f32x4_splat(-1.5f));
    y = wasm_f32x4_div(wasm_f32x4_add(wasm_f32x4_mul(y, x), wasm_f32x4_splat(3)), wasm_f32x4_sqrt(wasm_f32x4_abs(x)));
    y = wasm_v128_bitselect(wasm_f32x4_nearest(y), wasm_f32x4_neg(y), wasm_f32x4_gt(x, wasm_v128_load(floats_b + i)));
    wasm_v128_store(floats_out + i, y);
  }
  PLAIN for (int i = 0; i < N; i++) {
    float x = floats_a[i], y = 0.25f;
    y = y * x + -1.5f;
    y = (y * x + 3) / __builtin_sqrtf(__builtin_fabsf(x));
    floats_want[i] = x > floats_b[i] ? __builtin_nearbyintf(y) : -y;
  }
  report("polynomial", !memcmp(floats_out, floats_want, sizeof floats_out), floats_out, sizeof floats_out);
}

static void convert(void) { // f64 -> i32 -> f64, clamped both ways
  for (int i = 0; i < N; i += 2) {
    v128_t x = wasm_f64x2_mul(wasm_v128_load(doubles_a + i), wasm_f64x2_splat(1e4));
    v128_t y = wasm_f64x2_convert_low_i32x4(wasm_i32x4_trunc_sat_f64x2_zero(x));
    wasm_v128_store(doubles_out + i, wasm_f64x2_pmax(wasm_f64x2_sub(y, wasm_f64x2_floor(wasm_v128_load(doubles_a + i))), wasm_f64x2_splat(-1e9)));
  }
  PLAIN for (int i = 0; i < N; i++) {
    double x = doubles_a[i] * 1e4;
    double y = (x >= 2147483647.0 ? 2147483647 : x <= -2147483648.0 ? INT32_MIN : (int32_t)x) - __builtin_floor(doubles_a[i]);
    doubles_want[i] = y < -1e9 ? -1e9 : y;
  }
  report("convert", !memcmp(doubles_out, doubles_want, sizeof doubles_out), doubles_out, sizeof doubles_out);
}

static void mix64(void) { // the finisher of splitmix64
  for (int i = 0; i < N; i += 2) {
    v128_t z = wasm_v128_load(words_a + i);
    z = wasm_i64x2_mul(wasm_v128_xor(z, wasm_u64x2_shr(z, 30)), wasm_u64x2_splat(0xbf58476d1ce4e5b9u));
    z = wasm_i64x2_mul(wasm_v128_xor(z, wasm_u64x2_shr(z, 27)), wasm_u64x2_splat(0x94d049bb133111ebu));
    wasm_v128_store(words_out + i, wasm_v128_xor(z, wasm_u64x2_shr(z, 31)));
  }
  PLAIN for (int i = 0; i < N; i++) {
    uint64_t z = words_a[i];
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    words_want[i] = z ^ (z >> 31);
  }
  report("mix64", !memcmp(words_out, words_want, sizeof words_out), words_out, sizeof words_out);
}

static v128_t rotate(v128_t x, uint32_t by) { return wasm_v128_or(wasm_i32x4_shl(x, by), wasm_u32x4_shr(x, 32 - by)); }

static void chacha20(void) { // RFC 8439, 2.3.2
  static const uint8_t want[64] = {
    0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3, 0x20, 0x71, 0xc4, 0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0, 0x68, 0x03, 0x04, 0x22, 0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e,
    0xd2, 0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa, 0x09, 0x14, 0xc2, 0xd7, 0x05, 0xd9, 0x8b, 0x02, 0xa2, 0xb5, 0x12, 0x9c, 0xd1, 0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e,
  };
  v128_t start[4] = {
    wasm_u32x4_const(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574), wasm_u32x4_const(0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c),
    wasm_u32x4_const(0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c), wasm_u32x4_const(1, 0x09000000, 0x4a000000, 0),
  };
  v128_t a = start[0], b = start[1], c = start[2], d = start[3];
  for (int round = 0; round < 20; round++) {
    a = wasm_i32x4_add(a, b); d = rotate(wasm_v128_xor(d, a), 16);
    c = wasm_i32x4_add(c, d); b = rotate(wasm_v128_xor(b, c), 12);
    a = wasm_i32x4_add(a, b); d = rotate(wasm_v128_xor(d, a), 8);
    c = wasm_i32x4_add(c, d); b = rotate(wasm_v128_xor(b, c), 7);
    // Columns to diagonals, and back in the next round.
    if (round & 1) b = wasm_i32x4_shuffle(b, b, 3, 0, 1, 2), d = wasm_i32x4_shuffle(d, d, 1, 2, 3, 0);
    else b = wasm_i32x4_shuffle(b, b, 1, 2, 3, 0), d = wasm_i32x4_shuffle(d, d, 3, 0, 1, 2);
    c = wasm_i32x4_shuffle(c, c, 2, 3, 0, 1);
  }
  v128_t out[4] = { wasm_i32x4_add(a, start[0]), wasm_i32x4_add(b, start[1]), wasm_i32x4_add(c, start[2]), wasm_i32x4_add(d, start[3]) };
  report("chacha20", !memcmp(out, want, sizeof want), out, sizeof out);
}

#ifdef __wasm_relaxed_simd__
static void relaxed(void) { // only what every machine computes alike: small integers
  int8_t weights[N];
  int32_t want[4] = { 0 }, got[4];
  for (int i = 0; i < N; i++) weights[i] = (int8_t)(bytes_b[i] & 127);
  v128_t sum = wasm_i32x4_const(0, 0, 0, 0), fused = wasm_f32x4_const(0, 0, 0, 0);
  for (int i = 0; i < N; i += 16) {
    sum = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(wasm_v128_load(bytes_a + i), wasm_v128_load(weights + i), sum);
    fused = wasm_f32x4_relaxed_madd(wasm_f32x4_splat((float)weights[i]), wasm_f32x4_splat((float)i), fused);
  }
  float exact = 0;
  PLAIN for (int i = 0; i < N; i++) {
    want[i / 4 & 3] += (int8_t)bytes_a[i] * weights[i];
    if (i % 16 == 0) exact += (float)weights[i] * (float)i;
  }
  wasm_v128_store(got, sum);
  report("relaxed", !memcmp(got, want, sizeof got) && wasm_f32x4_extract_lane(fused, 3) == exact, got, sizeof got);
}
#endif

int main(void) {
  for (int i = 0; i < N; i++) {
    bytes_a[i] = (uint8_t)(next() >> 24);
    bytes_b[i] = (uint8_t)(next() >> 24);
    floats_a[i] = (float)(int32_t)next() / 65536.0f;
    floats_b[i] = (float)(int32_t)next() / 65536.0f;
    doubles_a[i] = (int32_t)next() / 1024.0;
    words_a[i] = (uint64_t)next() << 32 | next();
  }
  blend();
  find();
  hexadecimal();
  bits();
  polynomial();
  convert();
  mix64();
  chacha20();
#ifdef __wasm_relaxed_simd__
  relaxed();
#endif
  return failures;
}
