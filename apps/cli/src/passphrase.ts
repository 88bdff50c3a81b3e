/** Where a passphrase comes from: a file, or a person. Never an argument, never an environment value. */
import type { Context } from './command.ts'
import { VmError } from './errors.ts'
import { readNamed, textOf } from './files.ts'

const longestFile = 64 * 1024

/** The file that `--passphrase-file` or `VM_PASSPHRASE_FILE` names: its first line. */
async function fromFile(context: Context, asked: string | undefined): Promise<string | undefined> {
  const variable = context.env['VM_PASSPHRASE_FILE']
  const name = asked ?? (variable === '' ? undefined : variable)
  if (name === undefined) return undefined
  const text = textOf(await readNamed(context, name, longestFile), name)
  const [line = ''] = text.split(/\r?\n/, 1)
  if (line === '') throw new VmError('VM_PASSPHRASE', `${name} has no passphrase on its first line`)
  return line
}

/** The passphrase of keys that exist, or undefined where there is no file and nobody can be asked. */
export async function existingPassphrase(
  context: Context,
  file: string | undefined,
): Promise<string | undefined> {
  return (
    (await fromFile(context, file)) ?? (await context.askHidden?.('Passphrase of the keyring: '))
  )
}

/** The passphrase for new keys. @throws {VmError} `VM_PASSPHRASE` when there is none. */
async function newPassphrase(context: Context, file: string | undefined): Promise<string> {
  const given = await fromFile(context, file)
  if (given !== undefined) return given
  if (context.askHidden === undefined) {
    throw new VmError(
      'VM_PASSPHRASE',
      'the secret keys need a passphrase, and nobody can be asked',
      {
        hint: 'name a file with --passphrase-file FILE, or keep the keys unencrypted with --no-passphrase',
      },
    )
  }
  const first = await context.askHidden('Passphrase for the new keys: ')
  if (first === '') {
    throw new VmError('VM_PASSPHRASE', 'the passphrase is empty', {
      hint: 'type one, or keep the keys unencrypted with --no-passphrase',
    })
  }
  if ((await context.askHidden('The same once more: ')) !== first) {
    throw new VmError('VM_PASSPHRASE', 'the two passphrases differ', { hint: 'try again' })
  }
  return first
}

/**
 * The passphrase for new keys as a command's options say: null for none.
 *
 * @throws {VmError} `VM_USAGE` where they exclude each other, `VM_PASSPHRASE` when there is none
 */
export async function chosenPassphrase(
  context: Context,
  values: {
    readonly 'no-passphrase': boolean
    readonly 'passphrase-file': string | undefined
  },
): Promise<string | null> {
  const file = values['passphrase-file']
  if (!values['no-passphrase']) return newPassphrase(context, file)
  if (file === undefined) return null
  throw new VmError('VM_USAGE', '--no-passphrase and --passphrase-file exclude each other', {
    hint: 'give one of them',
  })
}
