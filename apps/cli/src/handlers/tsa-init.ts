import { initOwnAuthority } from '@vaultmesh/remembrancer/workspace'
import type { Handler } from '../command.ts'
import type { tsaInitArguments } from '../commands/tsa.ts'
import { shownAuthority } from '../own-authority.ts'
import { chosenPassphrase } from '../passphrase.ts'
import { toned } from '../text.ts'

const algorithms = { p256: 'P-256', rsa3072: 'RSA-3072' } as const

/** `vm tsa init` */
export const run: Handler<typeof tsaInitArguments> = async (context, values) => {
  const { name, key, accuracy, years } = values
  const policy = values['tsa-policy']
  const authority = await initOwnAuthority({
    name,
    algorithm: algorithms[key],
    ...(policy === undefined ? {} : { policy }),
    ...(accuracy === undefined ? {} : { accuracy: Number(accuracy) }),
    ...(years === undefined ? {} : { years: Number(years) }),
    passphrase: await chosenPassphrase(context, values),
    clock: () => new Date(),
    env: context.env,
  })
  const { json, text } = await shownAuthority(authority)
  return {
    json,
    text: [[toned('good', '\u2713'), ' a time authority: ', toned('strong', name)], ...text],
    next: [`vm tsa serve ${name}`, `vm tsa show ${name}`],
  }
}
