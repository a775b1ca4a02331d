// Names of Rust's functions, from what rustc wrote.
import { expect, test } from 'vitest';
import { readableName } from '../../src/base/rust-names.js';

test.each([
  ['_ZN1p4bank5share17h2b2fdc78209c049fE', 'p::bank::share'],
  ['_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17hdccb57e0523d390bE', 'std::rt::lang_start::{{closure}}'],
  ['_ZN4core3ptr85drop_in_place$LT$std..rt..lang_start$LT$$LP$$RP$$GT$..$u7b$$u7b$closure$u7d$$u7d$$GT$17h7df3b03b91f3a6cdE', 'core::ptr::drop_in_place<std::rt::lang_start<()>::{{closure}}>'],
  ['_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE', '<alloc::string::String as core::fmt::Display>::fmt'],
  // C++, C, cut short, lengths that lie, code points that are none.
  ['_ZN3app5Shape4areaEi', '_ZN3app5Shape4areaEi'],
  ['main', 'main'],
  ['_ZN1p4bank5share17h2b2fdc78209c049f', '_ZN1p4bank5share17h2b2fdc78209c049f'],
  ['_ZN99p17h2b2fdc78209c049fE', '_ZN99p17h2b2fdc78209c049fE'],
  ['_ZN11$uffffff$aa17h2b2fdc78209c049fE', '$uffffff$aa'],
])('%s', (mangled, readable) => {
  expect(readableName(mangled)).toBe(readable);
});
