/** What a proof of a record is about. */
import type { VNode } from 'preact'
import { Row, Shown } from './facts.tsx'
import type { Report, ShownRecord } from './report.ts'
import { Foreign } from './text.tsx'

/** The record: as facts where it was verified, else marked as claims. */
export function RecordView({ record, report }: { record: ShownRecord; report: Report }): VNode {
  const { summary, claims, signedBy, body } = record
  const log = `${summary.origin ?? 'none'}, entry ${summary.index ?? '?'}`
  return (
    <Shown id="record" title="The record" report={report}>
      <dl>
        <Row term="Title">
          <Foreign text={summary.title} />
        </Row>
        <Row term="Kind">
          <Foreign text={summary.kind} />
        </Row>
        <Row term="Namespace">
          <Foreign text={summary.namespace} />
        </Row>
        <Row term="Happened, as the writer says">
          <Foreign text={summary.occurredAt} />
        </Row>
        <Row term="Signed no later than">
          {summary.attestedAt === undefined ? (
            `not established (time tokens in the proof: ${claims.tokens})`
          ) : (
            <Foreign text={summary.attestedAt} />
          )}
        </Row>
        {signedBy === undefined ? null : (
          <Row term="Signers">
            <Foreign text={signedBy} />
          </Row>
        )}
        <Row
          term={
            signedBy === undefined
              ? 'Signers, as the proof says'
              : 'Keys that signatures name, judged or not'
          }
        >
          <ul>
            {claims.signatures.map(({ keyid }) => (
              <li key={keyid}>
                <code>
                  <Foreign text={keyid} />
                </code>
              </li>
            ))}
          </ul>
        </Row>
        <Row term="Log">
          <Foreign text={log} />
        </Row>
        <Row term="About">
          <ul>
            {summary.subject.map(({ name, digest }) => (
              <li key={name}>
                <Foreign text={name} />
                {Object.entries(digest).map(([algorithm, hex]) => (
                  <code key={algorithm}>
                    <Foreign text={` ${algorithm}:${hex}`} />
                  </code>
                ))}
              </li>
            ))}
          </ul>
        </Row>
        <Row term="Id">
          <code>
            <Foreign text={summary.id} />
          </code>
        </Row>
      </dl>
      {body === undefined ? null : (
        <details open>
          <summary>The body, from the file that you added</summary>
          <pre id="body-text">
            <Foreign text={body} lines />
          </pre>
        </details>
      )}
      <details>
        <summary>Everything that the record says</summary>
        <pre>
          <Foreign text={JSON.stringify(summary.predicate, undefined, 2)} lines />
        </pre>
      </details>
    </Shown>
  )
}
