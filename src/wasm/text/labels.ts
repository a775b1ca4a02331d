// The labels that are open where the parser stands. A name may be bound again further in; the innermost counts.
// spec: text/instructions#labels

export class Labels {
  /** How many are open; a function's own is not among them. */
  private depth = 0;
  /** Where each name is bound, outermost first. */
  private readonly byName = new Map<string, number[]>();

  enter(name: string | null): void {
    if (name !== null) {
      const bound = this.byName.get(name);
      if (bound === undefined) this.byName.set(name, [this.depth]);
      else bound.push(this.depth);
    }
    this.depth++;
  }

  /** Closes the innermost label, of this name. */
  leave(name: string | null): void {
    this.depth--;
    if (name !== null) this.byName.get(name)!.pop();
  }

  /** How many labels lie between here and the innermost of this name. */
  depthOf(name: string): number | undefined {
    const bound = this.byName.get(name)?.at(-1);
    return bound === undefined ? undefined : this.depth - 1 - bound;
  }

  /** Names that are bound here. */
  names(): string[] {
    return [...this.byName].filter(([, bound]) => bound.length > 0).map(([name]) => name);
  }
}
