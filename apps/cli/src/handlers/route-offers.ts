import { gpuName, type Offer } from '@vaultmesh/aurora-router'
import type { Handler } from '../command.ts'
import type { routeOffersArguments } from '../commands/route.ts'
import { dollars, readCatalog } from '../route.ts'
import { columns } from '../text.ts'

function row({ id, priceMicroUsd, gpus, gpu, region, free, capacity, spot }: Offer): string[] {
  const units = capacity === null ? 'free unknown' : `${free} of ${capacity} free`
  return [`${dollars(priceMicroUsd)}/h`, `${gpus}x${gpu}`, region, spot ? 'spot' : '', units, id]
}

/** `vm route offers` */
export const run: Handler<typeof routeOffersArguments> = async (context, words) => {
  const { offers } = await readCatalog(context, words.catalog)
  const gpu = words.gpu === undefined ? undefined : gpuName(words.gpu)
  const shown = offers
    .filter((offer) => gpu === undefined || offer.gpu === gpu)
    .filter(({ region }) => words.region.length === 0 || words.region.includes(region))
    .toSorted((one, other) => one.priceMicroUsd - other.priceMicroUsd)
  return {
    json: shown.map((offer) => ({ ...offer })),
    text: shown.length === 0 ? ['no offers'] : columns(shown.map(row)),
  }
}
