// Templates: what the compiler works out itself, variadic packs, concepts, constant evaluation, lambdas as types.
#include <concepts>
#include <cstdio>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

template <unsigned N> struct Factorial { static constexpr std::uint64_t value = N * Factorial<N - 1>::value; };
template <> struct Factorial<0> { static constexpr std::uint64_t value = 1; };

constexpr bool is_prime(int n) {
  for (int d = 2; d * d <= n; d++) if (n % d == 0) return false;
  return n > 1;
}
template <int... N> constexpr int count_primes(std::integer_sequence<int, N...>) { return (is_prime(N) + ... + 0); }

template <typename T> concept Shape = requires(const T &shape) { { shape.area() } -> std::convertible_to<double>; };
struct Square { double side; double area() const { return side * side; } };
struct Circle { double radius; double area() const { return 3.0 * radius * radius; } };
template <Shape... Shapes> double total(const Shapes &...shapes) { return (shapes.area() + ...); }

template <typename T> const char *describe(const T &) {
  if constexpr (std::is_pointer_v<T>) return "pointer";
  else if constexpr (std::is_integral_v<T>) return std::is_signed_v<T> ? "signed integer" : "unsigned integer";
  else if constexpr (std::is_floating_point_v<T>) return "floating point";
  else return "something else";
}

template <typename T, int Rows, int Columns> struct Matrix {
  T cells[Rows][Columns];
  template <int Other> Matrix<T, Rows, Other> operator*(const Matrix<T, Columns, Other> &right) const {
    Matrix<T, Rows, Other> product{};
    for (int i = 0; i < Rows; i++)
      for (int j = 0; j < Other; j++)
        for (int k = 0; k < Columns; k++) product.cells[i][j] += cells[i][k] * right.cells[k][j];
    return product;
  }
};

template <typename Derived> struct Counted {
  static inline int alive = 0;
  Counted() { alive++; }
  ~Counted() { alive--; }
};
struct Apple : Counted<Apple> {};
struct Pear : Counted<Pear> {};

int main() {
  static_assert(Factorial<5>::value == 120);
  std::printf("20! = %llu\n", (unsigned long long)Factorial<20>::value);
  constexpr int primes = count_primes(std::make_integer_sequence<int, 200>());
  std::printf("%d primes below 200, counted by the compiler\n", primes);
  std::printf("area %g\n", total(Square{2}, Circle{1}, Square{0.5}));
  int number = 0;
  std::printf("%s, %s, %s, %s, %s\n", describe(number), describe(7u), describe(&number), describe(1.5f), describe(Apple()));
  Matrix<int, 2, 3> a{{{1, 2, 3}, {4, 5, 6}}};
  Matrix<int, 3, 2> b{{{7, 8}, {9, 10}, {11, 12}}};
  auto product = a * b;
  std::printf("%d %d %d %d\n", product.cells[0][0], product.cells[0][1], product.cells[1][0], product.cells[1][1]);
  Apple one, two;
  Pear *pear = new Pear;
  std::printf("%d apples, %d pear", Apple::alive, Pear::alive);
  delete pear;
  std::printf(", then %d\n", Pear::alive);
  auto sum = [](auto... values) { return (values + ...); };
  std::printf("%g %d\n", sum(1, 2.5, 3L), std::apply(sum, std::make_tuple(4, 5, 6)));
  return 0;
}
