/**
 * The transportation problem: whole amounts from sources to sinks, at the least cost.
 *
 * By successive shortest paths (Ahuja, Magnanti, Orlin, "Network Flows", 9.7): each path is the
 * cheapest in the residual graph, so the flow is the cheapest of its size at every moment, and at
 * the end the cheapest of the largest.
 */

/** What a transport is asked for. */
export interface TransportProblem {
  /** Whole amounts at the sources. */
  readonly supplies: readonly number[]
  /** Whole amounts that the sinks take at most. */
  readonly capacities: readonly number[]
  /** The cost of one unit from a source to a sink, or undefined where there is no way. */
  readonly cost: (source: number, sink: number) => number | undefined
}

/** Amounts by source and sink. */
export type Flow = readonly (readonly number[])[]

/** Sums of doubles differ by this much for no reason. */
const noise = 1e-6

/** A residual graph that is filled path by path. */
export class Transport {
  readonly #flow: number[][]
  readonly #costs: (number | undefined)[][]
  readonly #left: number[]
  readonly #room: number[]

  constructor({ supplies, capacities, cost }: TransportProblem) {
    this.#left = [...supplies]
    this.#room = [...capacities]
    this.#flow = supplies.map(() => capacities.map(() => 0))
    this.#costs = supplies.map((_, i) => capacities.map((_, j) => cost(i, j)))
  }

  get flow(): Flow {
    return this.#flow
  }

  /** Sends as much as fits from some sources, by the cheapest paths; what was sent before stays sent. */
  fill(sources: readonly number[]): void {
    while (this.#augment(sources)) {}
  }

  #augment(sources: readonly number[]): boolean {
    const { viaSink, viaSource, sink } = this.#cheapestPath(sources)
    if (sink === undefined) return false
    // Walks back from the sink: into it from a source, out of that source from another sink, and so on.
    const edges: (readonly [source: number, to: number, from: number | undefined])[] = []
    let to: number | undefined = sink
    while (to !== undefined) {
      const source: number = viaSink[to] ?? 0
      const from: number | undefined = viaSource[source]
      edges.push([source, to, from])
      to = from
    }
    const first = edges.at(-1)?.[0] ?? 0
    let amount = Math.min(this.#left[first] ?? 0, this.#room[sink] ?? 0)
    for (const [source, , from] of edges) {
      if (from !== undefined) amount = Math.min(amount, this.#amount(source, from))
    }
    for (const [source, into, from] of edges) {
      this.#add(source, into, amount)
      if (from !== undefined) this.#add(source, from, -amount)
    }
    this.#left[first] = (this.#left[first] ?? 0) - amount
    this.#room[sink] = (this.#room[sink] ?? 0) - amount
    return true
  }

  #amount(source: number, sink: number): number {
    return this.#flow[source]?.[sink] ?? 0
  }

  #add(source: number, sink: number, amount: number): void {
    const row = this.#flow[source]
    if (row !== undefined) row[sink] = (row[sink] ?? 0) + amount
  }

  // Bellman and Ford, because residual edges have negative costs.
  #cheapestPath(sources: readonly number[]): {
    readonly viaSink: readonly (number | undefined)[]
    readonly viaSource: readonly (number | undefined)[]
    readonly sink: number | undefined
  } {
    const toSource = this.#left.map(() => Number.POSITIVE_INFINITY)
    const toSink = this.#room.map(() => Number.POSITIVE_INFINITY)
    const viaSource: (number | undefined)[] = this.#left.map(() => undefined)
    const viaSink: (number | undefined)[] = this.#room.map(() => undefined)
    for (const source of sources) {
      if ((this.#left[source] ?? 0) > 0) toSource[source] = 0
    }
    let changed = true
    for (let round = 0; changed && round <= this.#left.length + this.#room.length; round += 1) {
      changed = false
      this.#costs.forEach((row, source) => {
        row.forEach((cost, sink) => {
          if (cost === undefined) return
          const there = (toSource[source] ?? 0) + cost
          if (there < (toSink[sink] ?? 0) - noise) {
            toSink[sink] = there
            viaSink[sink] = source
            changed = true
          }
        })
      })
      this.#costs.forEach((row, source) => {
        row.forEach((cost, sink) => {
          if (cost === undefined || this.#amount(source, sink) === 0) return
          const back = (toSink[sink] ?? 0) - cost
          if (back < (toSource[source] ?? 0) - noise) {
            toSource[source] = back
            viaSource[source] = sink
            changed = true
          }
        })
      })
    }
    let sink: number | undefined
    toSink.forEach((distance, at) => {
      const isBetter = sink === undefined || distance < (toSink[sink] ?? 0)
      if ((this.#room[at] ?? 0) > 0 && distance < Number.POSITIVE_INFINITY && isBetter) sink = at
    })
    return { viaSink, viaSource, sink }
  }
}
