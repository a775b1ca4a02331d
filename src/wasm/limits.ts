// Limits of this engine where the specification leaves them open. They bound what a small hostile module can make
// validator and interpreter allocate; real modules stay far below. Mostly those of the JavaScript embedding, so that
// what browsers and Node take, we take. spec: appendix/implementation; JS API: Implementation-defined Limits

/** Type definitions of a module. A packed reference type holds 21 bits of index. */
export const MAX_TYPES = 1_000_000;
/** Of each other thing a module lists: functions, imports, exports, globals, tables, memories, tags, segments. */
export const MAX_ITEMS = 1_000_000;
/** Memories, imported ones included: each has room of its own to grow in. */
export const MAX_MEMORIES = 100;
/** Expressions of an element segment. */
export const MAX_ELEMENTS = 10_000_000;
/** Parameters, or results, of a function or block. */
export const MAX_PARAMS = 1_000;
export const MAX_RESULTS = 1_000;
/** Locals of a function, parameters included. */
export const MAX_LOCALS = 50_000;
/** Operands on the stack of one function. */
export const MAX_OPERANDS = 1_000_000;
/** Fields of a structure, and operands of `array.new_fixed`. */
export const MAX_FIELDS = 10_000;
