// Doubles in and out as text, at the edges: the shortest and longest forms, halfway cases, denormals, infinities.
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void read_back(const char *text) {
  char *end;
  errno = 0;
  double value = strtod(text, &end);
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  printf("%-28.28s %016llx %.17g%s%s%s\n", text, (unsigned long long)bits, value, *end ? ", left [" : "", end,
         *end ? "]" : errno == ERANGE && (value == 0 || isinf(value)) ? ", ERANGE" : "");
}

int main(void) {
  printf("%f %e %g %G\n", 1.0 / 3, 1.0 / 3, 1e-5, 1e100);
  printf("[%8.3f] [%-10.2e] [%+.0f] [% g] [%#.0f] [%010.4f]\n", M_PI, M_PI, 2.5, 0.1, 3.0, -M_E);
  printf("%.0f %.0f %.0f %.0f %.1f %.2f\n", 0.5, 1.5, 2.5, -0.5, 0.25, 1.005);
  printf("%.17g %.17g %.20f\n", 0.1, DBL_MAX, 0.1);
  printf("%g %g %g %g %g\n", DBL_MIN, DBL_MIN / 4503599627370496.0, -0.0, INFINITY, -INFINITY);
  printf("%.3f %s\n", fabs(NAN), isnan(NAN) ? "is a NaN" : "is none");
  printf("%a %a %a\n", 1.0, 0.1, -DBL_MIN);
  printf("%.0f\n%.0f\n", 1e22, DBL_MAX);

  read_back("0.1");
  read_back("9007199254740993");                                    // halfway: to even
  read_back("9007199254740993.00000000000000000000000000000001");   // a hair more: up
  read_back("2.2250738585072011e-308");                             // once hung PHP and Java
  read_back("4.9406564584124654e-324");
  read_back("2.4703282292062327e-324");                             // just under half of the smallest
  read_back("1.7976931348623158e308");
  read_back("1.7976931348623159e308");
  read_back("-0x1.fffffffffffffp+1023");
  read_back("0x.8p-1074");
  read_back("  +12.5e-1xyz");
  read_back("-inf");
  read_back("1e");

  float narrow = 0.1f;
  int count;
  float scanned;
  double pair;
  count = sscanf("3.25 -1e3", "%f %lf", &scanned, &pair);
  printf("%.9g %.17g, scanned %d: %g %g\n", narrow, (double)narrow, count, scanned, pair);
  return 0;
}
