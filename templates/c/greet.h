#ifndef GREET_H
#define GREET_H

enum { GREETING_SIZE = 80 };

/* Writes a greeting into `line`, which has GREETING_SIZE bytes, and returns it. */
char *greet(char *line, const char *name);

#endif
