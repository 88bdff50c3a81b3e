/** What the WebCrypto of this browser can check. */

/** Not every browser has these; RSA and the smaller curves are in all. */
const optional = [
  ['ECDSA on P-521', { name: 'ECDSA', namedCurve: 'P-521' }],
  ['Ed25519', 'Ed25519'],
] as const

/** In words, for people; what is missing too. */
export async function describeAbilities(): Promise<string> {
  const tried = await Promise.all(
    optional.map(async ([name, algorithm]) => {
      try {
        await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
        return { name, works: true }
      } catch {
        return { name, works: false }
      }
    }),
  )
  const named = (works: boolean) =>
    tried.filter((one) => one.works === works).map(({ name }) => name)
  const always = ['RSA', 'RSA-PSS', 'ECDSA on P-256', 'ECDSA on P-384']
  const can = `This browser can check signatures by ${[...always, ...named(true)].join(', ')}.`
  const missing = named(false)
  if (missing.length === 0) return can
  return `${can} It can't check ${missing.join(' or ')}: such a timestamp is refused here.`
}
