// ES5 as MuJS knows it. Errors are longjmps, also out of native functions.
print(scriptArgs.join("|"));
function attempt(f) { try { return f(); } catch (e) { return e.name + ": " + e.message; } finally { count++; } }
var count = 0;
print(attempt(function () { null.x; }), attempt(function () { undefinedName; }), attempt(function () { throw new RangeError("mine"); }));
print(attempt(function () { return [3, 1, 2].sort(function () { throw new TypeError("in sort"); }); }), count);
print(attempt(function () { return "abc".replace(/b/, function () { throw new Error("in replace"); }); }));
print(attempt(function () { return JSON.parse("{broken"); }).slice(0, 11), attempt(function () { return new RegExp("("); }).slice(0, 11));
function nest(n) { try { if (n === 0) throw "deep"; nest(n - 1); } catch (e) { throw e + n % 10; } }
try { nest(20); } catch (e) { print(e); }
function recurse() { return 1 + recurse(); }
print(attempt(recurse).slice(0, 10));
label: for (var i = 0; i < 3; i++) for (var j = 0; j < 3; j++) { try { if (j === 1) continue label; } finally { count += 10; } }
print(count);
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
print(fib(17), 0.1 + 0.2, 1 / 3, 1e21, -0, 5 % -3, 7 >>> 1, -1 >>> 0, parseInt("zz", 36), (255).toString(2), (1.005).toFixed(2), 1e-7, 123456789012345680000);
print(JSON.stringify({ a: [1, { b: "ü\n" }], c: undefined, d: null }, null, 1), JSON.stringify(JSON.parse('{"x":[true,1.5e3,"\\u00e9"]}')));
print("naïve 日本".length, "abc".replace(/(a)(b)/g, "$2$1"), "a1b22".match(/\d+/g), "x,y,z".split(","), " t ".trim() + "|", encodeURIComponent("ü&"));
print([5, 3, 9].map(function (x) { return x * 2; }).filter(function (x) { return x > 6; }).reduce(function (a, b) { return a + b; }), [3, 10, 2].sort());
function Point(x) { this.x = x; } Point.prototype.twice = function () { return this.x * 2; };
print(new Point(21).twice(), Object.keys({ b: 1, a: 2 }), typeof Point, [] instanceof Array, new Date(0).toISOString());
var squares = []; for (var k = 0; k < 5; k++) (function (n) { squares.push(function () { return n * n; }); })(k);
print(squares.map(function (f) { return f(); }));
