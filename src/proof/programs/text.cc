// std::string and its company: growth, search, views, numbers to text and back, comparison, moves.
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

static std::string_view trimmed(std::string_view text) {
  auto from = text.find_first_not_of(" \t"), to = text.find_last_not_of(" \t");
  return from == text.npos ? std::string_view() : text.substr(from, to - from + 1);
}

int main() {
  std::string text = "short";
  text += " and then too long for the small buffer";
  text.insert(0, ">> ").replace(text.find("too"), 3, "much too").append(3, '!');
  std::printf("%s (%zu)\n", text.c_str(), text.size());
  std::printf("%zu %zu %d %s\n", text.find("then"), text.rfind('o'), text.find("none") == std::string::npos, text.substr(3, 5).c_str());

  std::string grown;
  unsigned long sum = 0;
  for (int i = 0; i < 2000; i++) grown += static_cast<char>('a' + i % 26);
  for (char c : grown) sum = sum * 31 + static_cast<unsigned char>(c);
  std::printf("%zu letters, checksum %08lx\n", grown.size(), sum & 0xffffffff);

  std::string moved = std::move(grown), copy = moved;
  copy.resize(3);
  copy.erase(1, 1);
  std::printf("%zu %zu [%s] %d %d\n", moved.size(), grown.size(), copy.c_str(), copy < moved, std::string("b") > "a");

  std::string_view view = trimmed("  \t  middle of it \t");
  std::printf("[%.*s] %d\n", static_cast<int>(view.size()), view.data(), view.substr(0, 3) == "mid");
  std::printf("%s %s %s %d %g\n", std::to_string(-42).c_str(), std::to_string(1.5).c_str(), std::to_string(~0ull).c_str(),
              std::stoi("1010", nullptr, 2), std::stod("2.5e3"));

  char buffer[32];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, 0.1 + 0.2);
  *end = '\0';
  int parsed = 0;
  std::string_view digits = "-128rest";
  auto result = std::from_chars(digits.data(), digits.data() + digits.size(), parsed);
  std::printf("%s %d, left %s\n", buffer, parsed, result.ptr);
  std::printf("%d %zu\n", error == std::errc(), std::string("nul\0inside", 10).size());
  return 0;
}
