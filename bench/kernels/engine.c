// Kernels without a library: calls, doubles, bytes and matrices, dispatch, CoreMark's kind of work (lists, a matrix, states, a
// CRC), 64-bit integers. Each export takes how much to do and returns a checksum.
typedef unsigned int u32;
typedef unsigned long long u64;

int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

static double body[5][7];
int nbody(int steps) {
  for (int i = 0; i < 5; i++) {
    for (int k = 0; k < 3; k++) { body[i][k] = i * 1.3 + k * 0.7 + 0.1 * i * k; body[i][3 + k] = 0.01 * (i - k); }
    body[i][6] = 1.0 / (i + 1);
  }
  for (int s = 0; s < steps; s++) {
    for (int i = 0; i < 5; i++)
      for (int j = i + 1; j < 5; j++) {
        double dx = body[i][0] - body[j][0], dy = body[i][1] - body[j][1], dz = body[i][2] - body[j][2];
        double d2 = dx * dx + dy * dy + dz * dz + 0.01, mag = 0.001 / (d2 * __builtin_sqrt(d2));
        body[i][3] -= dx * body[j][6] * mag; body[i][4] -= dy * body[j][6] * mag; body[i][5] -= dz * body[j][6] * mag;
        body[j][3] += dx * body[i][6] * mag; body[j][4] += dy * body[i][6] * mag; body[j][5] += dz * body[i][6] * mag;
      }
    for (int i = 0; i < 5; i++) for (int k = 0; k < 3; k++) body[i][k] += 0.001 * body[i][3 + k];
  }
  return (int)(1e5 * (body[0][0] + body[1][1] + body[2][2]));
}

static unsigned char composite[1 << 18], copied[1 << 18];
static double a[60][60], b[60][60], c[60][60];
int sieve_matrix(int rounds) {
  int sum = 0;
  for (int r = 0; r < rounds; r++) {
    int n = 200000;
    for (int i = 0; i < n; i++) composite[i] = 0;
    for (int i = 2; i < n; i++)
      if (!composite[i]) { sum++; for (int j = i + i; j < n; j += i) composite[j] = 1; }
    for (int i = 0; i < 60; i++) for (int j = 0; j < 60; j++) { a[i][j] = i + j; b[i][j] = i - j; }
    for (int i = 0; i < 60; i++)
      for (int j = 0; j < 60; j++) { double s = 0; for (int k = 0; k < 60; k++) s += a[i][k] * b[k][j]; c[i][j] = s; }
    for (int i = 0; i < 60; i++) sum += (int)c[i][i];
    __builtin_memcpy(copied, composite, sizeof copied);
    sum += copied[r];
  }
  return sum;
}

static int plus(int x) { return x + 1; }
static int times(int x) { return x * 3; }
static int flip(int x) { return x ^ 0x55; }
static int minus(int x) { return x - 7; }
static int (*volatile table[4])(int) = { plus, times, flip, minus };
int dispatch(int n) {
  int x = 1;
  u32 r = 12345;
  for (int i = 0; i < n; i++) {
    r = r * 1103515245 + 12345;
    switch ((r >> 16) & 15) {
      case 0: x += r; break;
      case 1: x ^= r >> 3; break;
      case 2: x = x * 5 + 1; break;
      case 3: x -= i; break;
      case 4: x = table[r >> 30](x); break;
      case 5: x |= 1; break;
      case 6: x = ~x; break;
      case 7: x += x << 3; break;
      case 8: x ^= x >> 5; break;
      case 9: x = table[(r >> 20) & 3](x); break;
      default: x += 3;
    }
  }
  return x;
}

typedef struct node { struct node *next; short data, index; } node;
static node pool[256];
static short left[16][16], right[16][16];
static int product[16][16];
static unsigned short crc8(unsigned char d, unsigned short crc) {
  for (int i = 0; i < 8; i++) {
    unsigned char x = (d & 1) ^ (crc & 1);
    d >>= 1;
    if (x) { crc ^= 0x4002; crc = (crc >> 1) | 0x8000; } else crc = (crc >> 1) & 0x7fff;
  }
  return crc;
}
static unsigned short crc16(unsigned short d, unsigned short crc) { return crc8(d >> 8, crc8(d & 0xff, crc)); }
static int states(const char *s) {
  int state = 0, n = 0;
  for (; *s; s++) {
    char ch = *s;
    switch (state) {
      case 0: state = ch >= '0' && ch <= '9' ? 1 : ch == '+' || ch == '-' ? 2 : ch == '.' ? 3 : 7; break;
      case 1: if (ch == '.') state = 3; else if (ch < '0' || ch > '9') state = 7; break;
      case 2: state = ch >= '0' && ch <= '9' ? 1 : ch == '.' ? 3 : 7; break;
      case 3: if (ch == 'e' || ch == 'E') state = 4; else if (ch < '0' || ch > '9') state = 7; break;
      case 4: state = ch == '+' || ch == '-' ? 5 : 7; break;
      case 5: state = ch >= '0' && ch <= '9' ? 6 : 7; break;
      case 6: if (ch < '0' || ch > '9') state = 7; break;
    }
    if (ch == ',') { n += state; state = 0; }
  }
  return n + state;
}
int lists_states(int rounds) {
  unsigned short crc = 0;
  for (int r = 0; r < rounds; r++) {
    node *head = 0;
    for (int i = 0; i < 200; i++) { pool[i].data = (i * 17 + r) & 0x7f; pool[i].index = i; pool[i].next = head; head = &pool[i]; }
    for (int k = 0; k < 20; k++) {
      int n = 0;
      for (node *p = head; p; p = p->next) if (p->data == (k * 5 & 0x7f)) n++;
      crc = crc16(n, crc);
      node *reversed = 0;
      for (node *p = head; p;) { node *next = p->next; p->next = reversed; reversed = p; p = next; }
      head = reversed;
    }
    for (int i = 0; i < 16; i++) for (int j = 0; j < 16; j++) { left[i][j] = (i * j + r) & 0xff; right[i][j] = (i + j * 3 + r) & 0xff; }
    for (int i = 0; i < 16; i++)
      for (int j = 0; j < 16; j++) { int s = 0; for (int k = 0; k < 16; k++) s += left[i][k] * right[k][j]; product[i][j] = s; }
    for (int i = 0; i < 16; i++) crc = crc16(product[i][15 - i], crc);
    crc = crc16(states("5012,1234,-874,+122,35.54400,.1234500,-110.700,+0.64400,5.500e+3,-.123e-2,-87e+832,+0.6e-12,T0.3e-1F,-T.T++Tq,1T3.4e4z,34.0e-T^"), crc);
  }
  return crc;
}

u64 wide(int n) {
  u64 x = 0x9e3779b97f4a7c15ull, y = 1, z = 0;
  for (int i = 0; i < n; i++) {
    x ^= x << 13; x ^= x >> 7; x ^= x << 17;
    y = y * 6364136223846793005ull + 1442695040888963407ull;
    z += (x >> (y >> 58)) | ((y << 5) - (y >> 3));
    if ((long long)z < 0) z ^= y;
    z = (z << 11) | (z >> 53);
  }
  return z;
}

#ifdef RUN
long long run(void) { return RUN; }
#endif
