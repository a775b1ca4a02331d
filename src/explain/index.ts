// Messages of compilers, linkers, build tools and runtimes -> why, and the command that mends it.
export { explain, Explainer, type Explanation } from './explain.js';
export { renderBriefly, renderExplanations } from './render.js';
export type { Rule } from './rule.js';
export { RULES } from './rules/index.js';
