// Addresses of web services as users type them, taken apart.

export interface WebAddress {
  /** With a slash at its end; without user and password. */
  readonly url: string;
  /** Header that signs in the user named in the address (RFC 7617); undefined where none is. */
  readonly authorization: string | undefined;
}

/** Undefined for what is none: no host, another protocol, or with a query, which would get lost where paths are added. */
export function webAddress(text: string): WebAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const at = new URL(text);
  if (!/^https?:$/.test(at.protocol) || at.search !== '' || at.hash !== '') return undefined;
  let authorization: string | undefined;
  if (at.username !== '' || at.password !== '') {
    try {
      const user = `${decodeURIComponent(at.username)}:${decodeURIComponent(at.password)}`;
      authorization = `Basic ${Buffer.from(user).toString('base64')}`;
    } catch (error) {
      // a percent sign that stands for itself
      if (error instanceof URIError) return undefined;
      throw error;
    }
  }
  const path = at.pathname.endsWith('/') ? at.pathname : `${at.pathname}/`;
  return { url: `${at.origin}${path}`, authorization };
}

/** Whether a setting that may hold a path or an address holds an address. */
export function looksLikeAddress(text: string): boolean {
  return /^https?:\/\//i.test(text);
}
