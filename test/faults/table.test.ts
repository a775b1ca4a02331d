// The list of faults and its table: each fault of the list is tried by a test of this directory, and what is lost shows.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { FAULTS, type TrialCount } from '../support/fault-list.js';
import { renderTable } from '../support/fault-table.js';

test('every fault of the list is tried', () => {
  const texts = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts') && name !== path.basename(import.meta.filename)).map((name) => readFileSync(path.join(import.meta.dirname, name), 'utf8'));
  const untried = Object.values(FAULTS).flat().filter((fault) => !texts.some((text) => text.includes(`'${fault}'`) || text.includes(`"${fault}"`)));
  expect(untried).toEqual([]);
});

test('the table adds up, and shows what was lost and what was not tried', () => {
  const counts = new Map<string, TrialCount>([
    ['404', { tried: 1, survived: 1 }],
    ['stall', { tried: 3, survived: 1 }],
    ['quota', { tried: 0, survived: 0, skipped: 'mounting needs root on Linux' }],
    ['Ctrl-C', { tried: 2, survived: 2 }],
  ]);
  expect(renderTable(counts).split('\n').map((line) => line.trim().replace(/ {2,}/g, ' | '))).toEqual([
    'faults that setup met | tried | survived | lost', '',
    '404 | 1 | 1 | 0', 'stall | 3 | 1 | 2', 'all of servers and networks | 4 | 2 | 2', '',
    'quota | not tried: mounting needs root on Linux', 'all of disks and homes | 0 | 0 | 0', '',
    'Ctrl-C | 2 | 2 | 0', 'all of processes and clocks | 2 | 2 | 0', '',
    'all | 6 | 4 | 2',
  ]);
});
