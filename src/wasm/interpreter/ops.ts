// The operations of lowered code: what `lower.ts` writes and `loop.ts` and `cold.ts` perform. Register form: words of an
// Int32Array, the operation first, then slots of the frame (`d` written, `a b c` read), constants (`k`) and code addresses.
// The comment behind an operation is the list of its words. A `const enum`, because only literals make a fast switch.

export const enum Op {
  // Words `d a` or `d a b`: the numeric instructions 0x45 to 0xc4 in the order of their codes, so that
  // operation = code - 0x45. Those that only rename bits (`reinterpret`) are lowered to nothing.
  I32_EQZ = 0, I32_EQ, I32_NE, I32_LT_S, I32_LT_U, I32_GT_S, I32_GT_U, I32_LE_S, I32_LE_U, I32_GE_S, I32_GE_U, I64_EQZ, I64_EQ, I64_NE, I64_LT_S,
  I64_LT_U, I64_GT_S, I64_GT_U, I64_LE_S, I64_LE_U, I64_GE_S, I64_GE_U, F32_EQ, F32_NE, F32_LT, F32_GT, F32_LE, F32_GE, F64_EQ, F64_NE, F64_LT, F64_GT,
  F64_LE, F64_GE, I32_CLZ, I32_CTZ, I32_POPCNT, I32_ADD, I32_SUB, I32_MUL, I32_DIV_S, I32_DIV_U, I32_REM_S, I32_REM_U, I32_AND, I32_OR, I32_XOR,
  I32_SHL, I32_SHR_S, I32_SHR_U, I32_ROTL, I32_ROTR, I64_CLZ, I64_CTZ, I64_POPCNT, I64_ADD, I64_SUB, I64_MUL, I64_DIV_S, I64_DIV_U, I64_REM_S,
  I64_REM_U, I64_AND, I64_OR, I64_XOR, I64_SHL, I64_SHR_S, I64_SHR_U, I64_ROTL, I64_ROTR, F32_ABS, F32_NEG, F32_CEIL, F32_FLOOR, F32_TRUNC,
  F32_NEAREST, F32_SQRT, F32_ADD, F32_SUB, F32_MUL, F32_DIV, F32_MIN, F32_MAX, F32_COPYSIGN, F64_ABS, F64_NEG, F64_CEIL, F64_FLOOR, F64_TRUNC,
  F64_NEAREST, F64_SQRT, F64_ADD, F64_SUB, F64_MUL, F64_DIV, F64_MIN, F64_MAX, F64_COPYSIGN, I32_WRAP_I64, I32_TRUNC_F32_S, I32_TRUNC_F32_U,
  I32_TRUNC_F64_S, I32_TRUNC_F64_U, I64_EXTEND_I32_S, I64_EXTEND_I32_U, I64_TRUNC_F32_S, I64_TRUNC_F32_U, I64_TRUNC_F64_S, I64_TRUNC_F64_U,
  F32_CONVERT_I32_S, F32_CONVERT_I32_U, F32_CONVERT_I64_S, F32_CONVERT_I64_U, F32_DEMOTE_F64, F64_CONVERT_I32_S, F64_CONVERT_I32_U, F64_CONVERT_I64_S,
  F64_CONVERT_I64_U, F64_PROMOTE_F32, I32_REINTERPRET_F32, I64_REINTERPRET_F64, F32_REINTERPRET_I32, F64_REINTERPRET_I64, I32_EXTEND8_S,
  I32_EXTEND16_S, I64_EXTEND8_S, I64_EXTEND16_S, I64_EXTEND32_S,

  // The right operand is a constant: d a k. The order inside the families is that of the instructions.
  I32_EQ_K, I32_NE_K, I32_LT_S_K, I32_LT_U_K, I32_GT_S_K, I32_GT_U_K, I32_LE_S_K, I32_LE_U_K, I32_GE_S_K, I32_GE_U_K,
  I32_ADD_K, I32_MUL_K, I32_AND_K, I32_OR_K, I32_XOR_K, I32_SHL_K, I32_SHR_S_K, I32_SHR_U_K, I32_ROTL_K,
  I32_BITS, // d a shift mask: (a >>> shift) & mask
  /** Here `k` is 32 bits, sign-extended. */
  I64_ADD_K, I64_AND_K, I64_SHL_K, I64_SHR_S_K, I64_SHR_U_K,

  /** `k` is an index into `FLOATS`. */
  F64_ADD_K, F64_MUL_K,
  // The right operand is in memory: d a base offset.
  I32_ADD_LOAD, F64_ADD_LOAD, F64_SUB_LOAD, F64_MUL_LOAD,

  // Values from one place to another.
  MOVE32, // d a
  MOVE32_TWICE, // d a d2 a2
  MOVE64, // d a
  MOVE_F64, // d a
  CONST32, // d k
  CONST64, // d low high
  CONST_F64, // d number: index into `FLOATS`
  SELECT32, // d a b c: c !== 0 ? a : b
  SELECT64, // d a b c
  SELECT_F64, // d a b c
  GLOBAL_GET32, // d word
  GLOBAL_SET32, // a word
  GLOBAL_GET64, // d word
  GLOBAL_SET64, // a word

  // Memory 0, a static offset below 2^31. LOADs d a offset; STOREs a value offset.
  LOAD32, LOAD64, LOAD8_S, LOAD8_U, LOAD16_S, LOAD16_U,
  I64_LOAD8_S, I64_LOAD8_U, I64_LOAD16_S, I64_LOAD16_U, I64_LOAD32_S, I64_LOAD32_U,
  F64_LOAD, STORE32, STORE64, STORE8, STORE16, I64_STORE8, I64_STORE16, I64_STORE32, F64_STORE,
  // The same at a constant address: LOADs d address; STOREs address value.
  LOAD32_AT, LOAD64_AT, LOAD8_U_AT, F64_LOAD_AT, STORE32_AT, STORE64_AT, STORE8_AT, F64_STORE_AT,
  // The same at a slot plus a constant, as 32 bits: LOADs d a offset k; STOREs a value offset k.
  LOAD32_SUM, LOAD64_SUM, LOAD8_S_SUM, LOAD8_U_SUM, LOAD16_S_SUM, LOAD16_U_SUM, F64_LOAD_SUM, STORE32_SUM, STORE64_SUM, STORE8_SUM, STORE16_SUM, F64_STORE_SUM,
  // At the sum of two slots, as 32 bits: d a b offset.
  LOAD32_INDEX, LOAD8_U_INDEX, LOAD16_S_INDEX, LOAD16_U_INDEX, F64_LOAD_INDEX,
  // A constant: a k offset.
  STORE32_K, STORE8_K,
  MEMORY_SIZE, // d
  MEMORY_GROW, // d a memory

  // Control. `target` is a code address.
  BR, // target
  BR_IF, // a target
  BR_UNLESS, // a target
  BR_TABLE, // a count target[count + 1], the default last
  // Compare and branch: a b target.
  BR_I32_EQ, BR_I32_NE, BR_I32_LT_S, BR_I32_LT_U, BR_I32_GT_S, BR_I32_GT_U, BR_I32_LE_S, BR_I32_LE_U, BR_I32_GE_S, BR_I32_GE_U,
  // a k target
  BR_I32_EQ_K, BR_I32_NE_K, BR_I32_LT_S_K, BR_I32_LT_U_K, BR_I32_GT_S_K, BR_I32_GT_U_K, BR_I32_LE_S_K, BR_I32_LE_U_K, BR_I32_GE_S_K, BR_I32_GE_U_K,
  // a b target
  BR_I64_EQ, BR_I64_NE, BR_I64_LT_S, BR_I64_LT_U, BR_I64_GT_S, BR_I64_GT_U, BR_I64_LE_S, BR_I64_LE_U, BR_I64_GE_S, BR_I64_GE_U,
  // The end of most loops: a constant is added, and the sum decides. d a k target; d a k b target; d a k k2 target.
  ADD_BR_IF, ADD_BR_NE, ADD_BR_NE_K,
  BR_I64_EQZ, // a target
  BR_I64_NEZ, // a target
  // a b target; the second six branch when the comparison does not hold, which for NaN is not the opposite comparison.
  BR_F64_EQ, BR_F64_NE, BR_F64_LT, BR_F64_GT, BR_F64_LE, BR_F64_GE,
  BR_F64_NOT_EQ, BR_F64_NOT_NE, BR_F64_NOT_LT, BR_F64_NOT_GT, BR_F64_NOT_LE, BR_F64_NOT_GE,

  // Calls. The callee's frame starts `delta` slots above the caller's, where its arguments are; its results take their
  // place. `delta` is always the last word: a return finds it in front of the return address.
  CALL, // entry delta
  CALL_FIRST, // function delta: lowers the function, then becomes a CALL
  CALL_IMPORT, // function delta
  CALL_INDIRECT, // table type a delta
  RETURN, //
  RETURN32, // a
  RETURN64, // a
  RETURN_F64, // a
  ZERO, // from count: declared locals that may be read before they are written
  CALL_REF, // a delta
  // The callee's frame takes the place of the caller's: its arguments are at slot 0.
  TAIL_CALL, // entry
  TAIL_CALL_FIRST, // function
  TAIL_CALL_IMPORT, // function
  TAIL_CALL_INDIRECT, // table type a
  TAIL_CALL_REF, // a
  THROW, // tag a: its arguments from slot a on
  THROW_REF, // a
  // Of the first turns of a loop and the first calls of a function, see `warm-up.ts`.
  LOOP, // turns count address[count]: the words that hold this operation's address
  ENTER, // calls
  EMITTED, // function: takes the place of an ENTER, see `tier/link.ts`
  UNREACHABLE, //
  /** Ends a call from the host. */
  HALT, //
  /** Ends a call into another instance. */
  LEAVE_INSTANCE, //

  // From here on, operations of `cold.ts`.
  FIRST_COLD,
  // d a; the order of the instructions.
  I32_TRUNC_SAT_F32_S = FIRST_COLD, I32_TRUNC_SAT_F32_U, I32_TRUNC_SAT_F64_S, I32_TRUNC_SAT_F64_U,
  I64_TRUNC_SAT_F32_S, I64_TRUNC_SAT_F32_U, I64_TRUNC_SAT_F64_S, I64_TRUNC_SAT_F64_U,
  /** Any load or store the LOADs and STOREs above do not cover. */
  ACCESS, // instruction memory a value offsetLow offsetHigh
  MEMORY_SIZE_OF, // d memory
  MEMORY_INIT, // a b c segment memory
  DATA_DROP, // segment
  MEMORY_COPY, // a b c to from
  MEMORY_FILL, // a b c memory
  TABLE_GET, // d a table
  TABLE_SET, // a b table
  TABLE_SIZE, // d table
  TABLE_GROW, // d a b table
  TABLE_FILL, // a b c table
  TABLE_COPY, // a b c to from
  TABLE_INIT, // a b c segment table
  ELEM_DROP, // segment
  /** Makes room for the references of a frame. */
  REF_FRAME, // size
  REF_NULL, // d
  REF_MOVE, // d a
  REF_SELECT, // d a b c
  REF_FUNC, // d function
  REF_IS_NULL, // d a
  REF_AS_NON_NULL, // a
  REF_EQ, // d a b
  REF_TEST, // d a type
  REF_CAST, // a type
  /** A 64-bit address, count or index as 32 bits: what does not fit becomes one that is beyond everything. */
  CLAMP, // d a
  REF_GLOBAL_GET, // d global
  REF_GLOBAL_SET, // a global
  /** Globals of other instances that may change. */
  FAR_GLOBAL_GET32, // d global
  FAR_GLOBAL_SET32, // a global
  FAR_GLOBAL_GET64, // d global
  FAR_GLOBAL_SET64, // a global
  /** For probes, see `probes.ts`. A stretch is charged, counted, weighed; a function was entered; a loop turns. */
  FUEL, // instructions
  TALLY, // stretch
  WEIGH, // instructions
  ENTERED, // function
  TICK, //

  // Operations of `objects.ts`. `kind` is a `FieldKind`.
  FIRST_OBJECT,
  STRUCT_NEW = FIRST_OBJECT, // d a type: the fields from slot a on
  STRUCT_NEW_DEFAULT, // d type
  STRUCT_GET, // d a field kind
  STRUCT_SET, // a b field kind
  ARRAY_NEW, // d a b type: element, length
  ARRAY_NEW_DEFAULT, // d a type
  ARRAY_NEW_FIXED, // d a type count: the elements from slot a on
  ARRAY_NEW_DATA, // d a b type segment: from, length
  ARRAY_NEW_ELEM, // d a b type segment
  ARRAY_GET, // d a b kind
  ARRAY_SET, // a b c kind
  ARRAY_LEN, // d a
  ARRAY_FILL, // a b c e kind: array, from, value, count
  ARRAY_COPY, // a b c e f
  ARRAY_INIT_DATA, // a b c e segment
  ARRAY_INIT_ELEM, // a b c e segment
  REF_I31, // d a
  I31_GET_S, // d a
  I31_GET_U, // d a

  COUNT,
}

/** Where operations of other functions begin, numbered by sub-opcode: `vector-ops.ts`, then `atomics.ts`. */
export const enum Group {
  VECTOR = 0x400,
  ATOMIC = 0x600,
}

export const NUMERIC_BASE = 0x45;
