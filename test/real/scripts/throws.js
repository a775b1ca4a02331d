function inner() { throw new TypeError("on purpose"); }
print("before"); inner(); print("never");
