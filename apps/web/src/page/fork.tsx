/** What a fork proof is about. */

import type { ForkProof } from '@vaultmesh/federation'
import { encodeHex } from '@vaultmesh/merkle/bytes'
import type { VNode } from 'preact'
import { Row, Shown } from './facts.tsx'
import type { Report } from './report.ts'
import { Foreign } from './text.tsx'

/** The two heads, and where they part: as facts where that was verified, else marked as claims. */
export function ForkView({ fork, report }: { fork: ForkProof; report: Report }): VNode {
  const { origin, heads, divergence } = fork
  return (
    <Shown id="fork" title="The fork" report={report}>
      <dl>
        <Row term="Log">
          <Foreign text={origin} />
        </Row>
        {heads.map(({ size, root, text }, i) => (
          <Row key={text} term={i === 0 ? 'One head' : 'The other head'}>
            size {size.toString()}
            <code>{encodeHex(root)}</code>
          </Row>
        ))}
        <Row term="They part at">
          {divergence === undefined
            ? 'not shown: somewhere before the smaller size'
            : `entry ${divergence.size}: all before it are common`}
        </Row>
      </dl>
      {heads.map(({ text, checkpoint }) => (
        <details key={text}>
          <summary>What the log signed</summary>
          <pre>
            <Foreign text={checkpoint} lines />
          </pre>
        </details>
      ))}
    </Shown>
  )
}
