/** Sites that the interface links to; they open in the person's own browser. */
const allowedHosts = new Set(['github.com', 'arxiv.org', 'doi.org']);

/** https only, on the list, without credentials or a port of its own. */
export function isAllowedLink(address: string): boolean {
  try {
    const { protocol, hostname, port, username, password } = new URL(address);
    return protocol === 'https:' && allowedHosts.has(hostname) && port === '' && username === '' && password === '';
  } catch {
    return false;
  }
}
