// The modules the official suite writes as text, plain or quoted, wherever it has them.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parse } from '../../src/wasm/text/parse.js';
import { parseScript } from '../../src/wasm/text/script.js';
import type { Module } from '../../src/wasm/module.js';
import { suiteDirectory } from './suite-directory.js';

export interface TextCase {
  /** `file:line`. */
  readonly place: string;
  /** The wording of the mistake in it, when the suite says that it is malformed. */
  readonly malformed: string | null;
  readonly parse: () => Module;
}

export function suiteTexts(): TextCase[] {
  const files = readdirSync(suiteDirectory, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.wast')).sort();
  return files.flatMap((file) =>
    parseScript(readFileSync(path.join(suiteDirectory, file))).flatMap((command): TextCase[] => {
      if (!('source' in command) || command.source.kind === 'binary') return [];
      const { source } = command;
      return [{
        place: `${file}:${command.line}`,
        malformed: command.kind === 'assert_malformed' ? command.message : null,
        parse: source.kind === 'text' ? source.parse : () => parse(source.text),
      }];
    }),
  );
}
