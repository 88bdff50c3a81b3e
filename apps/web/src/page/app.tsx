/** The page. */
import type { VNode } from 'preact'
import { FileField } from './file-field.tsx'
import { ForkView } from './fork.tsx'
import { PolicyView } from './policy.tsx'
import { RecordView } from './record.tsx'
import type { Store } from './store.ts'
import { ChecksView, VerdictView } from './verdict.tsx'

/** All of it; `unable` says why nothing can be verified in this browser. */
export function App({ store, unable }: { store: Store; unable: string | undefined }): VNode {
  const { proof, policy, body } = store.held.value
  const report = store.report.value
  const holdsAny = proof !== undefined || policy !== undefined || body !== undefined
  return (
    <>
      <header>
        <h1>Verify a proof</h1>
        <p>
          A proof shows that somebody signed a record, when, and that it stands in a log which
          nobody can rewrite unseen. It is checked here, in your browser. What you add stays on your
          device, and is forgotten when you close the page.
        </p>
      </header>
      <main>
        {unable === undefined ? (
          <form autocomplete="off">
            <fieldset aria-busy={store.busy.value}>
              <legend>Drop files here, or choose them</legend>
              <FileField store={store} use="proof" />
              <FileField store={store} use="policy" />
              <FileField store={store} use="body" />
              {holdsAny ? (
                <button type="button" onClick={() => void store.forget()}>
                  Let go of everything
                </button>
              ) : null}
            </fieldset>
          </form>
        ) : (
          <p class="warning">{unable} Nothing can be verified here.</p>
        )}
        <div id="judged">
          {unable === undefined ? <VerdictView store={store} /> : null}
          {report?.record === undefined ? null : (
            <RecordView record={report.record} report={report} />
          )}
          {report?.fork === undefined ? null : <ForkView fork={report.fork} report={report} />}
          {report === undefined ? null : <ChecksView report={report} />}
        </div>
        {policy === undefined ? null : <PolicyView file={policy} />}
      </main>
      <footer>
        <h2>What this page can not tell you</h2>
        <ul>
          <li>
            Whether the record is true. It tells who said it, by when, and that it was not changed.
          </li>
          <li>
            Whether the page itself is honest. A server that is not could serve another one: compare
            its files with SHA256SUMS, or run “vm verify” on your own machine.
          </li>
          <li>
            What happened since the policy was made: a key that was stolen yesterday is still in it.
          </li>
        </ul>
      </footer>
    </>
  )
}
