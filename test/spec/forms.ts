// Counts the parenthesised forms at the top level of a script, by nothing but its parentheses, strings and comments.
// The runner compares this count with the commands it ran, so that a mistake of the script parser cannot lose some.

/** Number of top-level `( … )` in a script. */
export function countForms(bytes: Uint8Array): number {
  const text = new TextDecoder('latin1').decode(bytes);
  const pieces = { code: /"(?:\\[\s\S]|[^"\\])*"|;;[^\n\r]*|\(;|\(@?|\)/g, comment: /\(;|;\)/g };
  let forms = 0;
  let depth = 0;
  let commentDepth = 0;
  let formIsAnnotation = false;
  for (let at = 0; ; ) {
    const pattern = commentDepth > 0 ? pieces.comment : pieces.code;
    pattern.lastIndex = at;
    const token = pattern.exec(text)?.[0];
    if (token === undefined) return forms;
    at = pattern.lastIndex;
    if (token === '(;') commentDepth++;
    else if (token === ';)') commentDepth--;
    else if (token === '(' || token === '(@') {
      if (depth++ === 0) formIsAnnotation = token === '(@';
    } else if (token === ')' && --depth === 0 && !formIsAnnotation) forms++;
  }
}
