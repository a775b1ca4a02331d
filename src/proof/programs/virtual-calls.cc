// Virtual calls: overriding, several bases with their adjusted `this`, a virtual base, pure functions, dynamic_cast,
// members by pointer, and destruction in the right order through a base pointer.
#include <cstdio>
#include <typeinfo>

struct Shape {
  virtual ~Shape() { std::printf("~Shape "); }
  virtual double area() const = 0;
  virtual const char *name() const { return "shape"; }
};
struct Named {
  int padding = 1;
  virtual ~Named() { std::printf("~Named "); }
  virtual int id() const { return padding; }
};
struct Rectangle : Shape {
  double width, height;
  Rectangle(double w, double h) : width(w), height(h) {}
  ~Rectangle() override { std::printf("~Rectangle "); }
  double area() const override { return width * height; }
  const char *name() const override { return "rectangle"; }
};
struct Square final : Rectangle, Named {
  explicit Square(double side) : Rectangle(side, side) {}
  ~Square() override { std::printf("~Square "); }
  const char *name() const override { return "square"; }
  int id() const override { return padding + static_cast<int>(width); }
};
struct Circle : Shape {
  double radius = 2;
  double area() const override { return 3 * radius * radius; }
};

struct Animal { int legs; explicit Animal(int n) : legs(n) {} virtual ~Animal() = default; };
struct Swimmer : virtual Animal { Swimmer() : Animal(0) {} };
struct Walker : virtual Animal { Walker() : Animal(4) {} };
struct Frog : Swimmer, Walker { Frog() : Animal(2) {} };

int main() {
  Shape *shapes[] = {new Rectangle(2, 3), new Square(4), new Circle};
  for (Shape *shape : shapes) {
    std::printf("%s %g", shape->name(), shape->area());
    if (auto *named = dynamic_cast<Named *>(shape)) std::printf(", id %d", named->id());
    std::printf("%s\n", dynamic_cast<Rectangle *>(shape) ? ", a rectangle" : "");
  }
  Named *other = dynamic_cast<Square *>(shapes[1]);
  std::printf("other base: %s, back: %d\n", static_cast<void *>(other) != static_cast<void *>(shapes[1]) ? "elsewhere" : "the same",
              dynamic_cast<Shape *>(other) == shapes[1]);
  std::printf("typeid %d %d\n", typeid(*shapes[1]) == typeid(Square), typeid(*shapes[0]) == typeid(Square));

  const char *(Shape::*name)() const = &Shape::name;
  int Named::*padding = &Named::padding;
  std::printf("%s %s %d\n", (shapes[0]->*name)(), (shapes[2]->*name)(), other->*padding);

  Frog frog;
  std::printf("legs %d, one animal %d\n", frog.legs, static_cast<Animal *>(static_cast<Swimmer *>(&frog)) == static_cast<Animal *>(static_cast<Walker *>(&frog)));
  delete other;
  std::printf("\n");
  delete shapes[0];
  delete shapes[2];
  std::printf("\n");
  return 0;
}
