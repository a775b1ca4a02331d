import { expect, test } from 'vitest';
import { buildWorks, renderFindings, reportOf, type Finding } from '../../src/doctor/index.js';
import { schemaFaults } from '../support/json-schema.js';
const good: Finding = { id: 'node', title: 'Node.js', status: 'ok', text: '20.20.2' };
const warned: Finding = { id: 'variable:CC', title: 'CC', status: 'warning', text: 'CC=x', effects: [{ tool: 'make', effect: 'compiles with it' }], cause: 'it is set', next: 'unset CC\nexport D=1' };
const broken: Finding = { id: 'toolchain', title: 'toolchain', status: 'problem', text: 'none', cause: 'E_NO_TOOLCHAIN', next: 'wasienv setup' };

test('findings are lines, what is not well is a block, and a verdict ends it', () => {
  expect(renderFindings([good, warned, broken])).toBe(`ok       Node.js    20.20.2
warning  CC         CC=x
         make  compiles with it
         why   it is set
         next  unset CC
               export D=1
problem  toolchain  none
         why   E_NO_TOOLCHAIN
         next  wasienv setup

A build would not work: 1 problem, 1 warning.`);
  expect(renderFindings([good])).toMatch(/\n\nA build works\.$/);
  expect(renderFindings([good, warned])).toMatch(/\n\nA build works; 1 warning to look at\.$/);
});

test('no escape sequence of a value reaches the terminal', () => {
  expect(renderFindings([{ ...warned, text: 'CC=\u001b[2J\u009b31m' }])).toContain('CC=\\x1b[2J\\x9b31m');
  expect(renderFindings([{ ...warned, text: 'CC=\u001b[2J' }])).not.toContain('\u001b');
});

test('colours are those handed in', () => {
  const mark = (name: string) => (text: string): string => `<${name}>${text}</${name}>`;
  const colour = { bold: mark('b'), dim: mark('d'), red: mark('r'), green: mark('g'), yellow: mark('y'), cyan: mark('c') };
  expect(renderFindings([broken], { colour })).toContain('<b><r>problem</r></b>');
  expect(renderFindings([warned], { colour })).toContain('<y>warning</y>');
});

test('only problems keep a build from working', () => {
  expect([buildWorks([]), buildWorks([good, warned]), buildWorks([good, warned, broken])]).toEqual([true, true, false]);
});

test('the report keeps to its schema, and the schema refuses a warning without a way out', () => {
  expect(schemaFaults('doctor.schema.json', JSON.parse(JSON.stringify(reportOf([good, warned, broken], '0.1.0'))))).toEqual([]);
  const { next: _, ...helpless } = warned;
  expect(schemaFaults('doctor.schema.json', reportOf([helpless], '0.1.0'))).toEqual(['$.findings[0]: anyOf']);
});
