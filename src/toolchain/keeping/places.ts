// Where the parts of a toolchain are, by the names people ask for. Reads only.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { TOOL_NAMES, type Toolchain } from '../types.js';

export interface Place {
  readonly name: string;
  readonly path: string;
  /** One WebAssembly module holds all programs of a portable compiler: it is run by wasienv, not by the shell. */
  readonly portable: boolean;
}

/** Every name there is. */
export const PART_NAMES: readonly string[] = [...TOOL_NAMES, 'sysroot', 'headers', 'libc', 'crt1', 'builtins', 'resource-dir', 'root', 'receipt'];

/** Every part of a toolchain that is there, in the order people look for them. */
export function placesOf({ layout, rootDir, receiptFile }: Toolchain): readonly Place[] {
  const { programs, sysroot, target, builtins, resourceDir } = layout;
  const tools = TOOL_NAMES.flatMap((tool): Place[] => {
    if (programs.kind === 'portable') return [{ name: tool, path: programs.module, portable: true }];
    const file = programs.tools[tool];
    return file === undefined ? [] : [{ name: tool, path: file, portable: false }];
  });
  // Headers for all targets together until wasi-sdk 21, for each target since; commands have a start file of their own since 2020.
  const files = ([
    ['sysroot', [sysroot]],
    ['headers', [path.join(sysroot, 'include', target), path.join(sysroot, 'include')]],
    ['libc', [path.join(sysroot, 'lib', target, 'libc.a')]],
    ['crt1', [path.join(sysroot, 'lib', target, 'crt1-command.o'), path.join(sysroot, 'lib', target, 'crt1.o')]],
    ['builtins', [builtins]],
    ['resource-dir', [resourceDir]],
    ['root', [rootDir]],
    ['receipt', [receiptFile]],
  ] as const).flatMap(([name, candidates]): Place[] => {
    const found = candidates.find((each) => existsSync(each));
    return found === undefined ? [] : [{ name, path: found, portable: false }];
  });
  return [...tools, ...files];
}
