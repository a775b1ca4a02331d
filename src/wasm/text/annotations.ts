// The annotations that mean something to us: `(@name "…")` behind an identifier's place, and `(@custom "name" … "bytes")`
// between the fields of a module. All others were skipped by the lexer. One of ours in a wrong place or of a wrong form
// is refused: a custom section that silently went missing would be found much later.
// spec: appendix/custom#name-annotations, appendix/custom#custom-annotations
import type { CustomSection } from '../module.js';
import { Cursor } from './cursor.js';
import { Token, tokenize, type Annotation } from './tokens.js';

/** Sections by the word that a placement names them with, in the order of the binary format. */
const SECTIONS: ReadonlyArray<readonly [word: string, id: number]> = [
  ['type', 1], ['import', 2], ['func', 3], ['table', 4], ['memory', 5], ['tag', 13], ['global', 6], ['export', 7],
  ['start', 8], ['elem', 9], ['datacount', 12], ['code', 10], ['data', 11],
];
const LAST_SECTION = 11;

/** `(after code)`; what `CustomSection.after` says, as a placement. */
export const customPlacement = (after: number): string => (after === 0 ? '(before first)' : `(after ${SECTIONS.find(([, id]) => id === after)?.[0] ?? 'last'})`);

export class Annotations {
  private readonly pending = new Map<number, Annotation[]>();

  constructor(private readonly cursor: Cursor) {}

  /** Whether any is left to be taken. */
  get any(): boolean {
    return this.pending.size > 0;
  }

  /** Reads those in front of the tokens `from` to `to`, inclusive: the ones of one module. */
  collect(from: number, to: number): void {
    for (const annotation of this.cursor.tokens.annotations) {
      if (annotation.before < from || annotation.before > to || (annotation.name !== 'name' && annotation.name !== 'custom')) continue;
      const here = this.pending.get(annotation.before);
      if (here === undefined) this.pending.set(annotation.before, [annotation]);
      else here.push(annotation);
    }
  }

  private take(kind: 'name' | 'custom'): Annotation[] {
    if (this.pending.size === 0) return [];
    const here = this.pending.get(this.cursor.at) ?? [];
    const taken = here.filter(({ name }) => name === kind);
    if (taken.length > 0) this.pending.set(this.cursor.at, here.filter(({ name }) => name !== kind));
    return taken;
  }

  /** The `(@name "…")` that stands in front of the next token. */
  takeName(): string | undefined {
    const [first, second] = this.take('name');
    if (first === undefined) return undefined;
    if (second !== undefined) throw this.fail(second, '@name annotation: multiple names');
    const inner = this.open(first);
    if (inner.kind() !== Token.STRING) throw this.fail(first, '@name annotation: string expected');
    const name = this.inner(first, () => inner.name());
    if (inner.kind() !== Token.END) throw this.fail(first, '@name annotation: unexpected token', 'expected one string');
    return name;
  }

  /** The `(@custom …)` that stand in front of the next token, which must be between the fields of the module. */
  takeCustoms(): CustomSection[] {
    return this.take('custom').map((annotation) => {
      const inner = this.open(annotation);
      if (inner.kind() !== Token.STRING) throw this.fail(annotation, '@custom annotation: missing section name');
      const name = this.inner(annotation, () => inner.name());
      const after = this.placement(annotation, inner);
      const bytes = this.inner(annotation, () => inner.strings());
      if (inner.kind() !== Token.END) throw this.fail(annotation, '@custom annotation: unexpected token', 'expected ("name" (before|after section)? "bytes"*)');
      return { name, after, bytes };
    });
  }

  private placement(annotation: Annotation, inner: Cursor): number {
    if (inner.kind() !== Token.OPEN) return LAST_SECTION;
    inner.at++;
    const isBefore = inner.isKeyword('before');
    if (!isBefore && !inner.isKeyword('after')) throw this.fail(annotation, '@custom annotation: malformed placement', 'expected (before section) or (after section)');
    inner.at++;
    const word = inner.kind() === Token.KEYWORD ? inner.text() : '';
    const index = SECTIONS.findIndex(([section]) => section === word);
    const isEnd = isBefore ? word === 'first' : word === 'last';
    if (index === -1 && !isEnd) throw this.fail(annotation, '@custom annotation: malformed section kind', `expected ${isBefore ? 'first' : 'last'}, or one of ${SECTIONS.map(([section]) => section).join(' ')}`);
    inner.at++;
    this.inner(annotation, () => inner.expectClose());
    if (isEnd) return isBefore ? 0 : LAST_SECTION;
    return isBefore ? (SECTIONS[index - 1]?.[1] ?? 0) : SECTIONS[index]![1];
  }

  private open(annotation: Annotation): Cursor {
    return new Cursor(tokenize(this.cursor.tokens.source, annotation.bodyStart, annotation.bodyEnd));
  }

  /** Errors of the ordinary grammar inside an annotation, named as the annotation's. */
  private inner<Result>(annotation: Annotation, read: () => Result): Result {
    try {
      return read();
    } catch (thrown) {
      const wording = (thrown as { wording?: unknown }).wording;
      throw typeof wording === 'string' ? this.fail(annotation, `@${annotation.name} annotation: ${wording}`) : thrown;
    }
  }

  /** To be called when the module has been read. */
  refuseMisplaced(): void {
    for (const annotations of this.pending.values()) {
      for (const annotation of annotations) {
        throw this.fail(annotation, `misplaced @${annotation.name} annotation`, annotation.name === 'custom' ? 'it stands between the fields of a module' : 'it stands where an identifier may be bound, behind it');
      }
    }
  }

  private fail(annotation: Annotation, wording: string, detail?: string): Error {
    return this.cursor.failOffset(annotation.offset, wording, detail);
  }
}
