import { listAt, textAt } from '../answers.ts'
import { type Step, vm } from '../play.ts'

/** Two decisions, of which the second replaces the first. */
export const decide: Step = {
  title: 'record a decision, then another that supersedes it; list the timeline',
  needs: ['init'],
  async run(play) {
    const record = ['memory', 'record', 'decision', '--tag', 'storage']
    const first = await vm(
      play,
      ...[...record, '--title', 'Use MongoDB for payments'],
      ...['--body', 'The team has used it for years.'],
    )
    const second = await vm(
      play,
      ...[...record, '--title', 'Use PostgreSQL for payments'],
      ...['--body', 'Payments need transactions, and the team knows PostgreSQL.'],
      ...['--link', `supersedes=${textAt(first, 'id')}`],
    )
    play.facts.decision = textAt(second, 'id')
    const items = listAt(await vm(play, 'memory', 'timeline'))
    return items.map((item) => `${textAt(item, 'kind').padEnd(8)}  ${textAt(item, 'title')}`)
  },
}
