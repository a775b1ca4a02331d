// Every rule against what tools really print; and silence where nothing is wrong.
import { describe, expect, it } from 'vitest';
import { explain, Explainer, RULES } from '../../src/explain/index.js';
import { FIXTURES, SILENT } from './fixtures.js';

describe('the rules', () => {
  it.each(FIXTURES.map((each) => [`${each.rules.join(', ')} (${each.seen})`, each] as const))('%s', (_, { rules, log }) => {
    expect(explain(log).map(({ rule }) => rule)).toEqual(rules);
  });

  it('have names of their own', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
    for (const { id } of RULES) expect(id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
  });

  it('are each shown by a message that was really seen', () => {
    const shown = new Set(FIXTURES.flatMap(({ rules }) => rules));
    expect(RULES.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
  });

  it('tell a cause and a next step in whole words, with nothing left to fill in', () => {
    for (const { log } of FIXTURES) {
      for (const { cause, next, title } of explain(log)) {
        for (const text of [cause, next, title]) expect(text).not.toMatch(/(?<![-=])\bundefined\b|\$\{|``|^\s|\s$|\s{2}/);
        expect(cause.length).toBeGreaterThan(20);
        expect(next.length).toBeGreaterThan(10);
      }
    }
  });

  it('say nothing of a build that is well', () => {
    for (const log of SILENT) expect(explain(log)).toEqual([]);
  });

  it('are not slow on a line that almost matches, however long', () => {
    // A pattern that backtracks would take minutes on these; linear ones take milliseconds.
    const explainer = new Explainer();
    for (const piece of ['a', '/usr/include/', "'", ' -', 'wasm32-', 'error: ', 'cannot open ']) explainer.line(piece.repeat(20_000));
    expect(explainer.explanations()).toEqual([]);
  });
});
