// What opened a control frame of the validator.
export const enum FrameKind {
  BODY,
  BLOCK,
  LOOP,
  IF,
  ELSE,
  TRY,
  CATCH,
  CATCH_ALL,
  TRY_TABLE,
}
