// long double has 128 bits here (quad precision, all of it in compiler-rt). Printing it needs a library of its own in
// wasi-libc: without -lc-printscan-long-double, %Lf stops the program.
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static volatile long double one = 1, three = 3, ten = 10;

int main(void) {
  printf("%d bytes, %d bits of mantissa, up to 1e%d\n", (int)sizeof(long double), LDBL_MANT_DIG, LDBL_MAX_10_EXP);
  printf("1/3      = %.35Lf\n", one / three);
  printf("sqrt(10) = %.33Lg\n", sqrtl(ten));
  printf("10^30+1  = %.0Lf\n", ten * ten * ten * 1e27L + one);
  printf("epsilon  = %Le\n", LDBL_EPSILON);
  printf("2^1025   = %.0Lf\n", ldexpl(one, 1025)); // more than a double holds

  long double factorial = 1;
  for (int i = 2; i <= 30; i++) factorial *= i;
  printf("30!      = %.0Lf\n", factorial);
  printf("back to a double: %.17g, to an integer: %lld\n", (double)(one / three), (long long)(ten * 123456789012345.25L));

  long double read = strtold("3.14159265358979323846264338327950288", NULL);
  printf("pi       = %.33Lf\n", read);
  long double scanned = 0;
  int count = sscanf("-2.5e-400", "%Lf", &scanned);
  printf("scanned %d: %Lg\n", count, scanned);
  printf("less %d, equal %d, more %d, unordered %d\n", one < three, one / three == 1 / 3.0L, three > ten, one < nanl(""));
  return 0;
}
