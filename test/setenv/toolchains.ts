// Toolchains as values, for what is pure.
import type { Toolchain, ToolName } from '../../src/toolchain/index.js';

const tools = (directory: string, names: Readonly<Partial<Record<ToolName, string>>>): Partial<Record<ToolName, string>> =>
  Object.fromEntries(Object.entries(names).map(([tool, name]) => [tool, `${directory}/${name}`]));

export const PORTABLE: Toolchain = {
  component: 'portable-clang', version: '22.0.0', source: 'npm', clangVersion: '22.1.0', rootDir: '/home/u/w/components/p', digest: 'sha512-AA==',
  receiptFile: '/home/u/w/receipts/portable-clang.json',
  layout: { sysroot: '/home/u/w/components/p/usr', resourceDir: '/home/u/w/components/p/usr/lib/clang/22', builtins: '/b', target: 'wasm32-wasip1', programs: { kind: 'portable', module: '/home/u/w/components/p/llvm.wasm' } },
};

/** A native toolchain in the places of wasi-sdk, with these programs below `bin`. */
export function native(root: string, { target = 'wasm32-wasip1', targets, exceptionVariants, clangVersion = '19.1.7', sysroot = `${root}/share/wasi-sysroot`, names = NAMES }: { readonly target?: string; readonly targets?: readonly string[]; readonly exceptionVariants?: true; readonly clangVersion?: string; readonly sysroot?: string; readonly names?: Readonly<Partial<Record<ToolName, string>>> } = {}): Toolchain {
  return {
    component: 'wasi-sdk', version: '25.0', source: 'upstream', clangVersion, rootDir: root, digest: 'sha256-AA==', receiptFile: '/r.json',
    layout: { sysroot, resourceDir: `${root}/lib/clang/19`, builtins: '/b', target, ...(targets === undefined ? {} : { targets }), ...(exceptionVariants === undefined ? {} : { exceptionVariants }), programs: { kind: 'native', tools: tools(`${root}/bin`, names) } },
  };
}

export const NAMES: Readonly<Partial<Record<ToolName, string>>> = {
  clang: 'clang', 'clang++': 'clang++', 'wasm-ld': 'wasm-ld', ar: 'llvm-ar', nm: 'llvm-nm', ranlib: 'llvm-ranlib', objdump: 'llvm-objdump', size: 'llvm-size', strip: 'llvm-strip',
};
