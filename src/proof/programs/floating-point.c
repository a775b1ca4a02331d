// Floating point as IEEE 754 has it: rounding, conversions in all directions, signs of zero, what a NaN does.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint32_t bits32(float value) { uint32_t bits; memcpy(&bits, &value, 4); return bits; }
static uint64_t bits64(double value) { uint64_t bits; memcpy(&bits, &value, 8); return bits; }

static volatile double halves[] = {-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49999999999999994, 4503599627370497.5};
static volatile double zero = 0.0, big = 1e300, third = 1.0 / 3;
static volatile float single = 16777216.0f;

int main(void) {
  for (int i = 0; i < 8; i++) {
    double h = halves[i];
    printf("%.17g: nearest %g floor %g ceil %g trunc %g round %g llrint %lld\n", h, nearbyint(h), floor(h), ceil(h), trunc(h), round(h), llrint(h));
  }
  printf("%d %u %lld %llu\n", (int)-7.9, (unsigned)4294967295.5, (long long)-9.2e18, (unsigned long long)1.8e19);
  printf("%08x %08x %08x\n", bits32(0.1f), bits32((float)third), bits32((float)1e-45));
  printf("%.9g %.9g %.9g\n", single + 1, single + 2, (double)(float)16777217);
  volatile uint64_t odd = 9007199254740993u, most = UINT64_MAX;
  volatile int64_t least = INT64_MIN;
  printf("%.17g %.17g %.9g %.17g\n", (double)odd, (double)most, (float)odd, (double)least);
  printf("%g %g %g %016llx\n", 1 / zero, -1 / zero, big * big, (unsigned long long)bits64(-zero * 1));
  printf("%d %d %d %d\n", zero == -zero, isnan(zero / zero), NAN == NAN, signbit(copysign(1.0, -zero)) != 0);
  printf("%g %g %g\n", fmin(NAN, 1), fmax(2, NAN), fmax(zero, third));
  printf("%.17g %.17g %.17g\n", fma(third, 3, -1), fmod(10, third), remainder(10, 3));
  printf("%.15g %.15g %.15g %.15g\n", sin(1), cos(1), exp(1), log(2));
  printf("%.15g %.15g %.15g %.15g\n", pow(2, 0.5), sqrt(2), cbrt(27), atan2(1, -1));
  int exponent;
  double mantissa = frexp(40.0, &exponent), whole, part = modf(-3.75, &whole);
  printf("%g*2^%d, %g %g, %g, %d\n", mantissa, exponent, whole, part, ldexp(0.75, 4), ilogb(1e10));
  printf("%a %a\n", nextafter(1, 2), nextafterf(1, 0));
  double sum = 0, compensation = 0;
  for (int i = 1; i <= 10000; i++) { // Kahan: any reordering or extra precision would show
    double y = 1.0 / i - compensation, t = sum + y;
    compensation = (t - sum) - y;
    sum = t;
  }
  printf("%.17g\n", sum);
  return 0;
}
