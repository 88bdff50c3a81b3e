import { type DerElement, DerError } from '../der.ts'
import { readSmallInteger } from '../der-read.ts'
import { defineCheck, pass, type RunnableCheck } from './check.ts'

/** An authority that can be wrong by more than this, in seconds, is worth a warning. */
const usualAccuracy = 60

/** The accuracy, if stated, is in range: seconds from 0, millis and micros from 1 to 999. */
export const accuracyCheck: RunnableCheck = defineCheck({
  id: 'token.accuracy',
  reference: 'RFC 3161 §2.4.2',
  needs: ['tstInfo'],
  judge({ tstInfo: { accuracy } }) {
    if (accuracy === undefined) return pass('not stated')
    const { seconds } = accuracy
    const whole = seconds === undefined ? 0 : readSmallInteger(seconds, 'seconds of accuracy')
    const millis = readThousandths(accuracy.millis, 'millis')
    const micros = readThousandths(accuracy.micros, 'micros')
    const text = `${whole + millis / 1e3 + micros / 1e6} s`
    if (whole < usualAccuracy) return pass(text)
    return { status: 'warn', detail: `the authority may be wrong by ${text}` }
  },
})

function readThousandths(element: DerElement | undefined, name: string): number {
  if (element === undefined) return 0
  const value = readSmallInteger(element, `${name} of accuracy`)
  if (value < 1 || value > 999) throw new DerError(`${name} of accuracy is ${value}, not 1 to 999`)
  return value
}
