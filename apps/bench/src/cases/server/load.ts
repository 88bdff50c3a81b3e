/** Many requests at once, by autocannon. */
import autocannon from 'autocannon'

/** What is asked, again and again. */
export interface Load {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly connections: number
  /** How many requests in all. */
  readonly amount: number
}

/** What a load came to, in milliseconds. */
export interface Fired {
  /** From the first connection to the last answer. */
  readonly wall: number
  /** Processor time of this process meanwhile. */
  readonly cpu: number
}

/**
 * Sends `amount` requests. In a header, `[<id>]` is another word each time. Throws where an answer is
 * missing or is not 200.
 *
 * autocannon ends at the next tick of its own clock, so the end is taken from the last answer.
 */
export async function fire({ url, headers, body, connections, amount }: Load): Promise<Fired> {
  const begin = performance.now()
  const before = process.cpuUsage()
  let answered = 0
  let end = begin
  const options = {
    url,
    method: 'POST' as const,
    headers: { ...headers },
    body,
    connections,
    amount,
    idReplacement: true,
    sampleInt: 10,
  }
  const { errors, timeouts } = await new Promise<autocannon.Result>((resolve, reject) => {
    const running = autocannon(options, (error, result) => {
      if (error) reject(error)
      else resolve(result)
    })
    running.on('response', (_client, status) => {
      if (status === 200) answered += 1
      end = performance.now()
    })
  })
  if (answered !== amount || errors > 0 || timeouts > 0) {
    throw new Error(`${answered} of ${amount} requests were answered with 200; ${errors} failed`)
  }
  const { user, system } = process.cpuUsage(before)
  return { wall: end - begin, cpu: (user + system) / 1000 }
}
