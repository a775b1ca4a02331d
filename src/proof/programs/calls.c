// How values travel: structures by value, variable arguments, function pointers through the table, large results.
#include <stdarg.h>
#include <stdio.h>

typedef struct { double x, y; } Point;
typedef struct { int numbers[12]; } Large;
typedef struct { char only; } Tiny;
typedef union { float f; unsigned u; } Bits;

__attribute__((noinline)) static Point add(Point a, Point b) { return (Point){a.x + b.x, a.y + b.y}; }
__attribute__((noinline)) static Large doubled(Large large) {
  for (int i = 0; i < 12; i++) large.numbers[i] *= 2;
  return large;
}
__attribute__((noinline)) static Tiny next(Tiny tiny) { return (Tiny){tiny.only + 1}; }
__attribute__((noinline)) static unsigned raw(Bits bits) { return bits.u; }

static double sum(const char *kinds, ...) {
  va_list arguments, again;
  double total = 0;
  va_start(arguments, kinds);
  va_copy(again, arguments);
  for (const char *kind = kinds; *kind != '\0'; kind++) {
    switch (*kind) {
      case 'i': total += va_arg(arguments, int); break;
      case 'l': total += (double)va_arg(arguments, long long); break;
      case 'd': total += va_arg(arguments, double); break;
      case 'p': { Point point = va_arg(arguments, Point); total += point.x * point.y; break; }
    }
  }
  total += va_arg(again, int) * 1000; // the first once more
  va_end(again);
  va_end(arguments);
  return total;
}

static int plus(int a, int b) { return a + b; }
static int minus(int a, int b) { return a - b; }
static int times(int a, int b) { return a * b; }
static int (*const operations[])(int, int) = {plus, minus, times};
static int (*choose(const char *name))(int, int) { return operations[name[0] == '+' ? 0 : name[0] == '-' ? 1 : 2]; }

static double twelve(char a, short b, int c, long d, long long e, float f, double g, unsigned char h, const char *i, Point j, int *k, double l) {
  return a + b + c + d + e + f + g + h + i[0] + j.x + *k + l;
}

int main(void) {
  Point sum_of_points = add((Point){1.5, 2}, (Point){-0.5, 40});
  printf("(%g, %g)\n", sum_of_points.x, sum_of_points.y);
  Large large = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}, twice = doubled(large);
  printf("%d %d, the original %d\n", twice.numbers[0], twice.numbers[11], large.numbers[11]);
  printf("%c %08x\n", next((Tiny){'a'}).only, raw((Bits){.f = -1.5f}));
  printf("%.2f\n", sum("ildp", 7, 5000000000LL, 0.25, (Point){3, 4}));
  for (int i = 0; i < 3; i++) printf("%d ", operations[i](12, 4));
  printf("%d %d\n", choose("-")(1, 2), choose("*")(6, 7));
  int one = 1;
  printf("%g\n", twelve(1, 2, 3, 4, 5, 6.5f, 7.25, 8, "A", (Point){9, 0}, &one, 0.125));
  return 0;
}
