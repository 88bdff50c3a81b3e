/** Facts, or what somebody claims to be some. */
import type { ComponentChildren, VNode } from 'preact'
import type { Outcome, Report } from './report.ts'

/** A term and what stands for it. */
export function Row({ term, children }: { term: string; children: ComponentChildren }): VNode {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  )
}

const warnings: Readonly<Record<Outcome, string | undefined>> = {
  verified: undefined,
  failed: 'These are claims. The proof does not hold, so none of this is to be believed.',
  refused: 'These are claims. Nobody has vouched for any of this yet.',
}

/** What was read out of a proof; marked as claims unless it was verified. */
export function Shown({
  id,
  title,
  report: { outcome, linkedPolicy },
  children,
}: {
  id: string
  title: string
  report: Report
  children: ComponentChildren
}): VNode {
  const warning = linkedPolicy
    ? 'These are claims, which hold for the trust policy that the link chose.'
    : warnings[outcome]
  const head = `${id}-head`
  return (
    <section
      id={id}
      class="facts"
      aria-labelledby={head}
      data-believed={warning === undefined ? 'true' : 'false'}
    >
      <h2 id={head}>{warning === undefined ? title : 'What the proof claims'}</h2>
      {warning === undefined ? null : <p class="warning">{warning}</p>}
      {children}
    </section>
  )
}
