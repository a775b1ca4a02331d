#include <stdio.h>
#include "greet.h"

int main(int argc, char **argv) {
    char line[GREETING_SIZE];
    puts(greet(line, argc > 1 ? argv[1] : "world"));
    return 0;
}
