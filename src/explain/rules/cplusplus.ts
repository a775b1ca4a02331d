// C++: exceptions, setjmp's companion in C, and what Debian's libc++ lacks.
import type { Rule } from '../rule.js';

export const CPLUSPLUS_RULES: readonly Rule[] = [
  {
    id: 'cxx-exceptions',
    title: 'this C++ library was built without exceptions',
    printedBy: 'wasm-ld with libc++ of SDKs before 33, and of Debian',
    messages: [/undefined symbol: (?<symbol>__cxa_(?:throw|allocate_exception|begin_catch|end_catch|rethrow|free_exception|get_exception_ptr)|_Unwind_\w+|__gxx_(?:personality|wasm_personality)_v0|__gxx_personality_wasm0|__wasm_lpad_context|__cpp_exception)$/],
    cause: ({ symbol }) => `\`${symbol}\` is in a libc++abi with exceptions only`,
    next: '`wasienv c++ --exceptions …` where the SDK has such a library (wasi-sdk 33 has); else compile with `-fno-exceptions`. Link with clang++, not clang',
  },
  {
    id: 'throw-without-exceptions',
    title: 'the source throws, and exceptions are turned off',
    printedBy: 'clang, any version',
    messages: [/cannot use '(?:throw|try)' with exceptions disabled/],
    cause: '`-fno-exceptions` is given: by the project, or by `wasienv c++`, because the C++ library in use has none',
    next: '`wasienv c++ --exceptions …`; it says where the toolchain in use cannot. Many libraries have a switch to do without (`-DJSON_NOEXCEPTION`, `-DFMT_EXCEPTIONS=0`)',
  },
  {
    id: 'setjmp-symbols',
    title: 'setjmp needs a flag for the compiler and a library for the linker',
    printedBy: 'wasm-ld, any version',
    messages: [/undefined symbol: (?<symbol>setjmp|_setjmp|longjmp|_longjmp|sigsetjmp|siglongjmp|__wasm_setjmp(?:_test)?|__wasm_longjmp|__c_longjmp|saveSetjmp|testSetjmp|getTempRet0|setTempRet0|emscripten_longjmp|__invoke_\w+)$/, /call to undeclared function '(?<symbol>_?setjmp|_?longjmp)'/],
    cause: 'setjmp and longjmp are made of WebAssembly exceptions: clang must rewrite the callers, and libsetjmp holds the rest',
    next: '`wasienv cc --setjmp …` for compiling and for linking (that is `-mllvm -wasm-enable-sjlj` and `-lsetjmp`)',
  },
  {
    id: 'no-fstream',
    title: 'this libc++ was built without files',
    printedBy: 'Debian’s libc++ 17 and newer for WebAssembly',
    messages: [/implicit instantiation of undefined template 'std::(?:__\w+::)?basic_(?<stream>[io]?f(?:ile)?stream|filebuf)<char/, /no member named '(?<stream>filesystem|ifstream|ofstream|fstream)' in namespace 'std'/],
    cause: 'the package was configured without a filesystem, so `std::fstream` and <filesystem> are only declared',
    next: 'use another C++ library: `wasienv setup` (portable) or wasi-sdk have it; with Debian’s packages, libc++ 14 or 16',
  },
  {
    id: 'c-linker-for-cxx',
    title: 'a C++ program was linked as C',
    printedBy: 'wasm-ld, any version',
    messages: [/undefined symbol: (?<symbol>operator (?:new|delete)\S*|std::(?:__\w+::)?\S+|_ZN?St\w+|_Zn[aw]m\w*|_Zd[al]Pv\w*|vtable for \S+|__cxa_(?:atexit|pure_virtual|guard_\w+))/],
    cause: ({ symbol }) => `\`${symbol}\` is in libc++, which only the C++ driver links`,
    next: 'link with `wasienv c++` (or `$(CXX)`) in place of `wasienv cc`',
  },
];
