/* WASI starts no programs and knows no place for temporary files: what needs them fails, as ISO C lets it fail. */
#include <stdio.h>
#define tmpfile() ((FILE *)NULL)
#define tmpnam(name) ((char *)NULL)
#ifndef L_tmpnam
#define L_tmpnam 16
#endif
static inline int system(const char *command) { return command == NULL ? 0 : -1; }
