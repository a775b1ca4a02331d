#include "greet.h"
#include <stdio.h>

char *greet(char *line, const char *name) {
    snprintf(line, GREETING_SIZE, "Hello, %s!", name);
    return line;
}
