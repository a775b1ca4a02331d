// Sizes, lengths of time and counts as people type them.
import { describe, expect, test } from 'vitest';
import { parseCount, parseDuration, parseSize } from '../../src/cli/limit-options.js';

const refused = (act: () => unknown) => expect(act).toThrow(expect.objectContaining({ code: 'E_USAGE', next: expect.stringContaining('write for example') }));

describe('--max-memory', () => {
  test.each([
    ['65536', 65_536], ['64K', 65_536], ['64KiB', 65_536], ['100kB', 100_000], ['1M', 2 ** 20], ['1m', 2 ** 20], ['1MiB', 2 ** 20], ['1MB', 1e6],
    ['1.5G', 1.5 * 2 ** 30], ['4GiB', 2 ** 32], ['2GB', 2e9], ['65536b', 65_536],
  ])('%s', (text, bytes) => expect(parseSize('max-memory', text)).toBe(bytes));
  test.each(['', 'much', '-1', '65535', '1K', '1T', '1 0M', '0x10000', 'M', '1e400'])('`%s` is refused', (text) => refused(() => parseSize('max-memory', text)));
});

describe('--timeout', () => {
  test.each([['10s', 10_000], ['500ms', 500], ['2m', 120_000], ['2min', 120_000], ['1h', 3_600_000], ['1.5', 1500], ['3', 3000], ['1MS', 1]])('%s', (text, ms) => expect(parseDuration('timeout', text)).toBe(ms));
  test.each(['', '0', '0.0001', 's', '1d', '-1s', '1000000h'])('`%s` is refused', (text) => refused(() => parseDuration('timeout', text)));
});

describe('--fuel', () => {
  test.each([['1', 1], ['1000000', 1e6], ['1e6', 1e6], ['5M', 5e6], ['1_000_000', 1e6], ['2.5k', 2500], ['1G', 1e9]])('%s', (text, count) => expect(parseCount('fuel', text)).toBe(count));
  test.each(['', '0', '-5', '1.5', 'k', '1e16', '9T9', 'many'])('`%s` is refused', (text) => refused(() => parseCount('fuel', text)));
});
