// Builds that people have, of Debian's source packages, untouched, by `wasienv exec`; their own tests run on our
// interpreter. docs/real-builds.md says the same for people. `BUILDS=zlib,lua` builds only those.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../support/cli.js';
import { build, lacking, makeHome, type BuildHome } from './build.js';
import { renderDocument } from './document.js';
import { PROJECTS, type Project } from './projects.js';

const base = mkdtempSync(path.join(tmpdir(), 'wasienv-builds-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const wanted = process.env['BUILDS']?.split(',');
const chosen = PROJECTS.filter(({ id }) => wanted === undefined || wanted.includes(id)).map((project) => ({ project, missing: lacking(project) }));

describe.each((['native', 'portable', 'rust'] as const).filter((each) => chosen.some(({ project }) => project.compiler === each)))('with the %s compiler', (compiler) => {
  const rows = chosen.filter(({ project }) => project.compiler === compiler);
  let home: BuildHome;
  beforeAll(async () => {
    if (rows.some(({ missing }) => missing === undefined)) home = await makeHome(base, compiler);
  });

  for (const { project, missing } of rows) {
    test.skipIf(missing !== undefined)(`${project.title}, by ${project.build}: ${project.result}${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => expectBuilt(project, home));
  }
});

function expectBuilt(project: Project, home: BuildHome): void {
  const typed = build(project, base, home);
  const last = typed.at(-1)!;
  expect({ command: last.command, code: last.code, end: last.code === 0 ? '' : last.text.slice(-4000) }).toEqual({ command: project.commands.at(-1), code: 0, end: '' });
  const text = typed.map((each) => each.text).join('');
  for (const pattern of project.says) expect(text).toMatch(pattern);
  if (project.never !== undefined) expect(text).not.toMatch(project.never);
}

test('docs/real-builds.md says what is built here', () => {
  const file = path.join(ROOT, 'docs', 'real-builds.md');
  const text = renderDocument(PROJECTS);
  if (process.env['BLESS'] === '1') writeFileSync(file, text);
  expect(readFileSync(file, 'utf8')).toBe(text);
});
