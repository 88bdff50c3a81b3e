/** The verdict, and the checks that it is made of. */
import type { VNode } from 'preact'
import { explanations, statusWords } from './explain.ts'
import type { Outcome, Report, ShownCheck } from './report.ts'
import type { Store } from './store.ts'
import { Foreign } from './text.tsx'

const marks: Readonly<Record<Outcome, string>> = { verified: '✓', failed: '✗', refused: '–' }

function waitingText({ held, busy }: Store): string {
  if (busy.value) return 'Checking…'
  return held.value.policy === undefined && held.value.body === undefined
    ? 'Nothing is checked yet: add a proof.'
    : 'Nothing is checked yet: now add a proof.'
}

/**
 * The verdict in words. Its element is always there, and `data-verdict` says how the last judgement
 * ended (`verified`, `failed`, `refused`); it is absent while there is none.
 */
export function VerdictView({ store }: { store: Store }): VNode {
  const report = store.report.value
  return (
    <section
      id="verdict"
      role="status"
      aria-busy={store.busy.value}
      data-verdict={report?.outcome}
      data-policy={report?.linkedPolicy && 'linked'}
    >
      {report === undefined ? (
        <p>{waitingText(store)}</p>
      ) : (
        <>
          <h2>
            <span class="mark" aria-hidden="true">
              {report.linkedPolicy ? '!' : marks[report.outcome]}
            </span>{' '}
            <Foreign text={report.headline} />
          </h2>
          {report.notes.map((note) => (
            <p key={note}>
              <Foreign text={note} />
            </p>
          ))}
        </>
      )}
    </section>
  )
}

function CheckView({ check }: { check: ShownCheck }): VNode {
  const { id, status, detail, reference } = check
  const { title, holds, otherwise } = explanations[id]
  const { word, meaning } = statusWords[status]
  return (
    <li data-check={id} data-status={status}>
      <h3>
        <strong class="status" title={meaning}>
          {word}
        </strong>{' '}
        {title}
      </h3>
      <p>
        {status === 'skipped' ? <span class="aside">It would hold if this were so: </span> : null}
        {status === 'pass' || status === 'skipped' ? holds : otherwise}
      </p>
      <p class="detail">
        <span class="aside">Found: </span>
        <Foreign text={detail} />
      </p>
      <p class="reference">
        <code>{id}</code> · {reference}
      </p>
    </li>
  )
}

/** The checks, in the order of the format's description. */
export function ChecksView({ report }: { report: Report }): VNode | null {
  if (report.checks.length === 0) return null
  const used = new Set(report.checks.map(({ status }) => status))
  return (
    <section id="checks" aria-labelledby="checks-head">
      <h2 id="checks-head">What was checked</h2>
      <dl class="legend">
        {Object.entries(statusWords).map(([status, { word, meaning }]) =>
          [...used].some((one) => one === status) ? (
            <div key={status} data-status={status}>
              <dt class="status">{word}</dt>
              <dd>{meaning}</dd>
            </div>
          ) : null,
        )}
      </dl>
      <ol>
        {report.checks.map((check) => (
          <CheckView key={check.id} check={check} />
        ))}
      </ol>
    </section>
  )
}
