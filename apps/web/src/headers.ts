/** What a server should say with every file of the page. */

/**
 * Scripts and styles of this place only, none inline, no frames, no forms, no strings as code. The
 * page connects to its own origin alone, and only where its address names a proof to fetch.
 */
export const pagePolicy: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/**
 * Headers for every file of the page, by lower-case name. The page holds the content security
 * policy itself too; `frame-ancestors`, which only a header can say, keeps other sites from framing
 * it.
 */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': `${pagePolicy}; frame-ancestors 'none'`,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}
