// What wasi-libc lacks, failing as POSIX lets it fail: programs are written for that.
#include "absent.h"
#include "pwd.h"
#include <errno.h>
#include <stddef.h>

static int absent(void) { errno = ENOSYS; return -1; }

// Weak: the C library's own are taken where it has them.
__attribute__((weak)) int chmod(const char *path, mode_t mode) { return absent(); }
__attribute__((weak)) int fchmod(int fd, mode_t mode) { return absent(); }

int chown(const char *path, uid_t owner, gid_t group) { return absent(); }
int fchown(int fd, uid_t owner, gid_t group) { return absent(); }
uid_t getuid(void) { return 0; }
uid_t geteuid(void) { return 0; }
struct passwd *getpwuid(unsigned id) { return NULL; }

// "If command is a null pointer, system() shall return non-zero if a shell is available."
int system(const char *command) { return command == NULL ? 0 : absent(); }
FILE *popen(const char *command, const char *mode) { absent(); return NULL; }
int pclose(FILE *stream) { return absent(); }
FILE *tmpfile(void) { absent(); return NULL; }
