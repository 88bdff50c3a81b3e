/** Whom the policy trusts, so that it can be compared with what was meant. */
import { encodeHex } from '@vaultmesh/merkle/bytes'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import type { TrustPolicy } from '@vaultmesh/remembrancer/verify'
import type { VNode } from 'preact'
import { Row } from './facts.tsx'
import type { HeldFile } from './held-file.ts'
import { readPolicy } from './judge.ts'
import { Foreign } from './text.tsx'

function demands({ require }: TrustPolicy): string {
  const { signatures, timestamps, independentTime, witnesses } = require
  return [
    `signatures: ${signatures}`,
    `time authorities: ${timestamps}`,
    ...(independentTime ? ['a time by somebody other than the owner of the log'] : []),
    ...(witnesses ? ['witnesses of the log'] : []),
  ].join('; ')
}

function List({ term, items }: { term: string; items: readonly string[] }): VNode {
  return (
    <Row term={term}>
      {items.length === 0 ? (
        'none'
      ) : (
        <ul>
          {items.map((item) => (
            <li key={item}>
              <Foreign text={item} />
            </li>
          ))}
        </ul>
      )}
    </Row>
  )
}

/** What the policy says, and its digest; nothing where it can't be read. */
export function PolicyView({ file }: { file: HeldFile }): VNode | null {
  const policy = readPolicy(file)
  if ('outcome' in policy) return null
  const { keys, logs, timeAuthorities } = policy
  return (
    <section id="trust" class="facts" aria-labelledby="trust-head">
      <h2 id="trust-head">Whom you trust here</h2>
      <p class={file.chosen ? '' : 'warning'}>
        {file.chosen
          ? 'All of the verdict rests on this policy. If it came from whoever gave you the proof, the verdict says nothing.'
          : 'The address of this page named this policy: whoever made the link chose whom you trust here. Compare the digest with that of your own.'}
      </p>
      <dl>
        <Row term="SHA-256 of the policy">
          <code>{encodeHex(sha256(file.bytes))}</code>
        </Row>
        <List
          term="Keys"
          items={keys.map(
            ({ name, algorithm, roles, namespaces }) =>
              `${name} (${[algorithm, ...roles].join(', ')}), for ${namespaces.join(', ')}`,
          )}
        />
        <List
          term="Logs"
          items={logs.map(({ origin, namespaces }) => `${origin}, for ${namespaces.join(', ')}`)}
        />
        <List
          term="Time authorities"
          items={timeAuthorities.map(
            ({ name, selfIssued }) =>
              `${name}${selfIssued ? ', which the owner of the log runs' : ''}`,
          )}
        />
        <Row term="It asks for at least">{demands(policy)}</Row>
      </dl>
    </section>
  )
}
