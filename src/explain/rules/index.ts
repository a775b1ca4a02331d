// All rules, the narrower before the wider: the first that knows a line explains it.
import type { Rule } from '../rule.js';
import { BUILD_RULES } from './builds.js';
import { CPLUSPLUS_RULES } from './cplusplus.js';
import { HEADER_RULES } from './headers.js';
import { LIBC_RULES } from './libc.js';
import { LINKING_RULES } from './linking.js';
import { MACHINE_RULES } from './machine.js';
import { PART_RULES } from './parts.js';
import { RUNNING_RULES } from './running.js';
import { RUST_RULES } from './rust.js';
import { TARGET_RULES } from './targets.js';

export const RULES: readonly Rule[] = [
  ...PART_RULES, ...TARGET_RULES, ...HEADER_RULES, ...CPLUSPLUS_RULES, ...LIBC_RULES, ...LINKING_RULES, ...MACHINE_RULES, ...BUILD_RULES, ...RUST_RULES, ...RUNNING_RULES,
];
