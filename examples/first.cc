#include <iostream>

int main() {
  std::cout << "First wasi in C++...\n";
  return 0;
}
