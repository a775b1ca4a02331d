// Integers of 64 bits: every operator, signed and unsigned, their text forms, and the smallest number there is.
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static volatile int64_t signed_values[] = {0, 1, -1, 1234567890123456789, -987654321, INT64_MAX, INT64_MIN};
static volatile uint64_t unsigned_values[] = {1, 10, 4294967296u, 12157665459056928801u, UINT64_MAX};

static uint64_t power(uint64_t base, uint64_t exponent, uint64_t modulus) {
  uint64_t result = 1;
  for (base %= modulus; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = result * base % modulus;
    base = base * base % modulus;
  }
  return result;
}

int main(void) {
  for (int i = 0; i < 7; i++) {
    int64_t a = signed_values[i];
    printf("%" PRId64 ": x%" PRIx64 " >>7 %" PRId64 " /1000 %" PRId64 " %%1000 %" PRId64 " *3 %" PRId64 " low %d\n", a,
           (uint64_t)a, a >> 7, a / 1000, a % 1000, (int64_t)((uint64_t)a * 3), (int)a);
  }
  for (int i = 0; i < 5; i++) {
    uint64_t a = unsigned_values[i];
    printf("%" PRIu64 ": o%" PRIo64 " /7 %" PRIu64 " %%7 %" PRIu64 " >>33 %" PRIu64 " <<5 %" PRIu64 " double %.17g\n", a, a,
           a / 7, a % 7, a >> 33, a << 5, (double)a);
  }
  uint64_t fibonacci[2] = {0, 1};
  for (int i = 0; i < 93; i++) {
    uint64_t sum = fibonacci[0] + fibonacci[1];
    fibonacci[0] = fibonacci[1];
    fibonacci[1] = sum;
  }
  printf("fibonacci(93) = %" PRIu64 "\n", fibonacci[0]);
  printf("3^100000 mod 4294967291 = %" PRIu64 "\n", power(3, 100000, 4294967291u));
  printf("%d %d %d\n", signed_values[6] < signed_values[5], unsigned_values[4] > unsigned_values[3],
         (uint64_t)signed_values[2] == unsigned_values[4]);
  printf("%lld %llu %lld\n", strtoll("-0x7fffffffffffffff", NULL, 0), strtoull("zz", NULL, 36), atoll("  42abc"));
  int64_t sum;
  printf("overflow: add %d, subtract %d, multiply %d\n", __builtin_add_overflow(signed_values[5], 1, &sum),
         __builtin_sub_overflow(signed_values[6], 1, &sum), __builtin_mul_overflow(signed_values[3], 2, &sum));
  lldiv_t quotient = lldiv(-7, 2);
  printf("-7 / 2 = %lld, remainder %lld; |-5| = %lld\n", quotient.quot, quotient.rem, llabs(-5));
  return 0;
}
