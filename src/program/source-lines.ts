// The calls of a stop with the lines of the source they are in, where the module brought debug information. That is only
// looked at now: it may be larger than the program.
import type { StackFrame } from '../wasm/errors.js';
import type { Module } from '../wasm/index.js';

export const hasSourceLines = (module: Module): boolean => module.customs.some(({ name }) => name === '.debug_line');

/**
 * The same frames with file, line and column; a call that became part of its caller is a frame of its own, in front of it.
 * Damaged debug information leaves frames as they are.
 */
export async function withSourceLines(frames: readonly StackFrame[], module: Module): Promise<StackFrame[]> {
  if (!hasSourceLines(module)) return [...frames];
  const { SourceMap } = await import('./debug/source-map.js');
  const map = SourceMap.of(module);
  return frames.flatMap((frame): StackFrame[] => {
    if (frame.offset === undefined || map === undefined) return [frame];
    const calls = map.callsAt(frame.offset);
    const own = calls.find(({ inlined }) => inlined === undefined);
    return [
      ...calls.flatMap(({ inlined, file, line, column }): StackFrame[] =>
        inlined === undefined ? [] : [{ functionIndex: frame.functionIndex, name: inlined, inlined: true, file, line, ...(column === undefined ? {} : { column }) }]),
      own === undefined ? frame : { ...frame, file: own.file, line: own.line, ...(own.column === undefined ? {} : { column: own.column }) },
    ];
  });
}
