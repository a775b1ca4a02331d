// Static objects: constructed before main in their order, on first use inside functions, destroyed backwards at exit,
// interleaved with atexit.
#include <cstdio>
#include <cstdlib>

struct Noisy {
  const char *name;
  explicit Noisy(const char *n) : name(n) { std::printf("+%s\n", name); }
  ~Noisy() { std::printf("-%s\n", name); }
};

static int compute() { std::printf("computed\n"); return 6 * 7; }

Noisy first("first global");
static int value = compute();
namespace { Noisy second("second global"); }
struct Holder { static Noisy member; };
Noisy Holder::member("static member");
constinit int constant = 99; // needs no code at all

static Noisy &on_first_use() {
  static Noisy local("local static");
  return local;
}
static void at_exit() { std::printf("atexit handler\n"); }

int main() {
  std::printf("main, value %d, constant %d\n", value, constant);
  std::atexit(at_exit);
  std::printf("%s\n", on_first_use().name);
  std::printf("%s again\n", on_first_use().name);
  {
    Noisy scoped("scoped");
    Noisy *made = new Noisy("heap");
    delete made;
  }
  std::printf("main ends\n");
  return 3;
}
