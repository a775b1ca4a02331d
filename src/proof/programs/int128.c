// __int128: multiply, divide, remainder and shifts call into compiler-rt (__multi3, __divti3, __udivti3, __ashlti3 ...).
#include <stdint.h>
#include <stdio.h>

typedef __int128 wide;
typedef unsigned __int128 uwide;

static const char *text(uwide value, int negative) {
  static char buffers[4][48];
  static int turn;
  char *end = buffers[turn++ % 4] + 47;
  *end = '\0';
  do *--end = (char)('0' + (int)(value % 10));
  while ((value /= 10) != 0);
  if (negative) *--end = '-';
  return end;
}

static const char *show(wide value) { return text(value < 0 ? -(uwide)value : (uwide)value, value < 0); }

static volatile int64_t a = 8446744073709551557, b = -6700417000000000003, c = 1000000007;
static volatile int shift = 67;

int main(void) {
  wide product = (wide)a * b;
  printf("product   %s\n", show(product));
  printf("divided   %s remainder %s\n", show(product / c), show(product % c));
  printf("by itself %s remainder %s\n", show((product + 17) / product), show((product + 17) % product));
  printf("exact     %s\n", show(product / a - b));

  uwide all = ~(uwide)0;
  printf("maximum   %s\n", text(all, 0));
  printf("minimum   %s\n", show((wide)((uwide)1 << 127)));
  printf("quotient  %s remainder %s\n", text(all / 97, 0), text(all % 97, 0));
  printf("shifts    %s %s %s\n", text((uwide)c << shift, 0), text(all >> shift, 0), show(product >> shift));

  uwide factorial = 1;
  for (int i = 2; i <= 34; i++) factorial *= i;
  printf("34!       %s\n", text(factorial, 0));
  printf("double    %.17g, back %s\n", (double)product, show((wide)1e30));
  printf("order     %d %d %d\n", product < 0, (uwide)product > all / 2, (wide)all == -1);
  return 0;
}
