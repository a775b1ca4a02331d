// Containers, iterators, algorithms, smart pointers and std::function, as they are used together.
#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <queue>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

int main() {
  std::vector<int> numbers(100);
  std::iota(numbers.begin(), numbers.end(), 1);
  std::reverse(numbers.begin(), numbers.end());
  std::sort(numbers.begin(), numbers.end(), [](int a, int b) { return a % 10 != b % 10 ? a % 10 < b % 10 : a < b; });
  numbers.erase(std::remove_if(numbers.begin(), numbers.end(), [](int n) { return n % 3 == 0; }), numbers.end());
  std::printf("%zu numbers, first %d, last %d, sum %d\n", numbers.size(), numbers.front(), numbers.back(),
              std::accumulate(numbers.begin(), numbers.end(), 0));

  std::map<std::string, int> words;
  for (const char *word : {"one", "fish", "two", "fish", "red", "fish", "blue", "fish"}) words[word]++;
  for (const auto &[word, count] : words) std::printf("%s=%d ", word.c_str(), count);
  std::printf("\n");

  std::unordered_map<int, std::string> squares;
  for (int i = 0; i < 500; i++) squares.emplace(i * i, std::to_string(i));
  squares.erase(16);
  std::printf("%zu squares, sqrt(6241) = %s, 16 %s\n", squares.size(), squares.at(6241).c_str(), squares.count(16) ? "stayed" : "is gone");

  std::set<int> left{1, 2, 3, 5, 8}, right{2, 3, 4, 8};
  std::vector<int> both;
  std::set_intersection(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(both));
  for (int n : both) std::printf("%d ", n);

  std::deque<int> line{3, 4};
  line.push_front(2), line.push_back(5), line.pop_front();
  std::list<int> chain(line.begin(), line.end());
  chain.splice(chain.begin(), chain, std::prev(chain.end()));
  for (int n : chain) std::printf("%d ", n);
  std::priority_queue<int> heap;
  for (int n : {4, 9, 1, 7}) heap.push(n);
  for (; !heap.empty(); heap.pop()) std::printf("%d ", heap.top());
  std::printf("\n");

  std::array<std::function<int(int)>, 3> steps{[](int n) { return n + 1; }, [by = 3](int n) { return n * by; }, std::negate<int>()};
  int value = 4;
  for (const auto &step : steps) value = step(value);
  auto shared = std::make_shared<std::string>("shared");
  std::weak_ptr<std::string> weak = shared;
  auto owner = std::make_unique<std::vector<std::shared_ptr<std::string>>>(3, shared);
  std::printf("%d, %ld owners", value, shared.use_count());
  owner.reset();
  shared.reset();
  std::printf(", then %s\n", weak.expired() ? "none" : "some");
  return 0;
}
