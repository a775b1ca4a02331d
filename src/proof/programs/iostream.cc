// The streams of C++: output, formatting, string streams, input by word and line, files.
#include <fstream>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>

struct Point { int x, y; };
std::ostream &operator<<(std::ostream &out, const Point &point) { return out << '(' << point.x << ", " << point.y << ')'; }

int main(int argc, char **argv) {
  std::cout << "Hello from C++ " << 42 << ' ' << true << ' ' << std::boolalpha << false << ' ' << Point{3, -4} << '\n';
  std::cerr << "an error stream" << std::endl;
  std::cout << std::hex << std::showbase << 255 << std::dec << ' ' << std::setw(8) << std::setfill('.') << 7 << ' ' << std::left
            << std::setw(6) << "left" << '|' << std::right << '\n';
  std::cout << 0.1 << ' ' << std::fixed << std::setprecision(3) << 2.0 / 3 << ' ' << std::scientific << 12345.678 << ' '
            << std::defaultfloat << std::setprecision(17) << 0.1 << '\n';

  std::string word, line;
  int number = 0;
  std::cin >> word >> number;
  std::getline(std::cin >> std::ws, line);
  std::cout << word << '/' << number << '/' << line << '/' << (std::cin >> word ? "more" : "end") << '\n';

  std::istringstream values("10 20 x");
  int a = 0, b = 0, c = 0;
  values >> a >> b >> c;
  std::ostringstream text;
  text << a + b << ' ' << values.fail();
  std::cout << text.str() << '\n';

  if (argc != 2) return 1;
  std::string path = std::string(argv[1]) + "/stream.txt";
  std::ofstream(path) << "first\nsecond\n";
  std::ifstream file(path);
  std::string last;
  int lines = 0;
  for (; std::getline(file, line); last = line) lines++;
  std::cout << lines << " lines, the last " << last << ", missing file " << std::ifstream(path + "x").is_open() << std::endl;
  return 0;
}
