/** Verifies one entry of a log, from static files, without trusting whoever serves them. */
import { decodeBase64, decodeUtf8, encodeBase64 } from '@vaultmesh/merkle/bytes'
import {
  httpTileSource,
  openLog,
  type RememberedHead,
  type TrustedHead,
} from '@vaultmesh/merkle/client'
import { parsePolicy } from '@vaultmesh/merkle/policy'

/** What is shown. */
interface Shown {
  readonly status: string
  readonly entry?: string
  readonly proof?: string
}

/** The last head of a log that this browser trusted: a log that goes back behind it is refused. */
function remember(head: TrustedHead): void {
  const { size, root, checkpoint } = head
  const kept = { size: size.toString(), root: encodeBase64(root), checkpoint }
  localStorage.setItem(`head of ${head.origin}`, JSON.stringify(kept))
}

function rememberedHead(origin: string): RememberedHead | undefined {
  const kept = localStorage.getItem(`head of ${origin}`)
  if (kept === null) return undefined
  const { size, root, checkpoint } = JSON.parse(kept)
  return { size: BigInt(size), root: decodeBase64(root) ?? new Uint8Array(), checkpoint }
}

function refused({ code, detail }: { code: string; detail: string }): Shown {
  return { status: `Refused (${code}): ${detail}` }
}

async function verify(fields: FormData): Promise<Shown> {
  const field = (name: string): string => String(fields.get(name) ?? '')
  const parsed = parsePolicy(field('policy').replaceAll('\r\n', '\n'))
  if (!parsed.ok) return { status: `The policy can't be read: ${parsed.detail}` }
  const origin = field('origin')
  const remembered = rememberedHead(origin)
  const source = httpTileSource(field('url'))
  const opened = await openLog({ origin, trust: parsed.policy, source }, { remembered })
  if (!opened.ok) return refused(opened)
  const { log } = opened
  remember(log.head)
  const index = BigInt(field('index'))
  const read = await log.entry(index)
  if (!read.ok) return refused(read)
  const proved = await log.prove(index)
  if (!proved.ok) return refused(proved)
  const { size, cosigners } = log.head
  const witnesses = cosigners.length === 0 ? 'no witness' : cosigners.join(' and ')
  return {
    status: `Verified: entry ${index} is in ${origin}, which has ${size} entries; ${witnesses} saw it.`,
    entry: decodeUtf8(read.entry) ?? `base64: ${encodeBase64(read.entry)}`,
    proof: proved.proof,
  }
}

function show({ status, entry = '', proof = '' }: Shown): void {
  const set = (selector: string, text: string): void => {
    const element = document.querySelector(selector)
    if (element !== null) element.textContent = text
  }
  set('#entry', entry)
  set('#proof', proof)
  set('output', status)
}

const form = document.querySelector('form')
form?.addEventListener('submit', async (event) => {
  event.preventDefault()
  show({ status: 'Verifying…' })
  try {
    show(await verify(new FormData(form)))
  } catch (error) {
    show({ status: `Nothing was verified: ${String(error)}` })
  }
})
