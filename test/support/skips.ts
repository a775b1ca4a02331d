// Why a test is not run on some machine, in the test's own name: `(skipped: REASON)`. `skip-list.ts` prints the reasons at the
// end of a run, and fails a run that skipped something without one.

/** What a test needs: for `skipIf`, and for its name. */
export interface Need {
  readonly unmet: boolean;
  /** Behind the name of a test: empty where it runs. */
  readonly why: string;
}

export const need = (met: boolean, otherwise: string): Need => ({ unmet: !met, why: met ? '' : ` (skipped: ${otherwise})` });

export const UNIX = need(process.platform !== 'win32', 'Windows has nothing of the kind');
export const LINUX = need(process.platform === 'linux', 'it needs Linux');

/** What `debianClang` and its like answer: a tree, or what is missing. */
export const available = (found: object): Need => need(!('missing' in found), String((found as { readonly missing?: unknown }).missing));

/** The texts of the official suite are not part of this repository. */
export const suite = (isThere: boolean): Need => need(isThere, 'the suite is not beside this checkout, in ../shared/spec; `npm run spec` says how to get it');
export const pseudoTerminal = (hasScript: boolean): Need => need(hasScript, 'there is no `script` of util-linux, which makes pseudo-terminals');
