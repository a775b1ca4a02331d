// Addresses without what is nobody's business: whatever is printed or kept comes through here. Pure.

/** A URL as it may be shown and stored: no user, password, query or fragment. */
export function safeUrl(url: string | URL): string {
  try {
    const parsed = new URL(url);
    parsed.username = '';
    parsed.password = '';
    parsed.search = '';
    parsed.hash = '';
    return parsed.href;
  } catch {
    return '(not a URL)';
  }
}

/** A place that may be a URL or a path, as it may be shown. */
export function safePlace(place: string): string {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(place) ? safeUrl(place) : place;
}
