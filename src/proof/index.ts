// Small programs that show an installed toolchain works, and the receipt of each run.
export { PROOF_PROGRAMS, type ProofProgram } from './catalogue.js';
export { proofFailed } from './errors.js';
export { proveProgram, proveToolchain, type ProveOptions } from './prove.js';
export { freshProof, proofFile, provedAt, readProof, rustProvedAt, staleness, type ProgramResult, type ProofReceipt } from './receipt.js';
export { renderProof } from './render.js';
export type { Provable } from './provable.js';
export type { Fault } from './verdict.js';
