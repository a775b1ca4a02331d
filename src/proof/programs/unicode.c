// Text beyond ASCII without setlocale: UTF-8 decoded by hand, the literals of C11, and wide strings.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <uchar.h>
#include <wchar.h>
#include <wctype.h>

static int decode(const unsigned char *bytes, uint32_t *point) { // returns the length, 0 when it is not UTF-8
  int more = bytes[0] < 0x80 ? 0 : bytes[0] < 0xc2 ? -1 : bytes[0] < 0xe0 ? 1 : bytes[0] < 0xf0 ? 2 : bytes[0] < 0xf5 ? 3 : -1;
  if (more < 0) return 0;
  *point = more == 0 ? bytes[0] : bytes[0] & (0x3f >> more);
  for (int i = 1; i <= more; i++) {
    if ((bytes[i] & 0xc0) != 0x80) return 0;
    *point = *point << 6 | (bytes[i] & 0x3f);
  }
  return more + 1;
}

int main(void) {
  const char *text = u8"Aé€🦊";
  for (const unsigned char *at = (const unsigned char *)text; *at != 0;) {
    uint32_t point = 0;
    int length = decode(at, &point);
    printf("U+%04X in %d: %.*s\n", (unsigned)point, length, length, (const char *)at);
    at += length;
  }
  uint32_t ignored;
  printf("refused: %d %d %d\n", decode((const unsigned char *)"\xff", &ignored), decode((const unsigned char *)"\xc0\x80", &ignored),
         decode((const unsigned char *)"\xe2\x28", &ignored));

  const char16_t *pair = u"🦊";
  const char32_t *single = U"🦊";
  printf("%04x %04x, %05x\n", pair[0], pair[1], (unsigned)single[0]);

  wchar_t wide[64] = L"wide ";
  wcscat(wide, L"παράδειγμα");
  printf("%zu wide characters of %zu bytes, pi at %td\n", wcslen(wide), sizeof(wchar_t), wcschr(wide, L'π') - wide);
  printf("%d %ld %lc\n", wcscmp(L"abc", L"abd") < 0, wcstol(L"0x2a", NULL, 16), towupper(L'w'));
  wchar_t formatted[32];
  int length = swprintf(formatted, 32, L"%ls-%d", L"n", 42);
  printf("%d: %c%c%c%c\n", length, (char)formatted[0], (char)formatted[1], (char)formatted[2], (char)formatted[3]);
  return 0;
}
