import {
  costMicroUsd,
  createSnapshot,
  formatUsd,
  gpuName,
  maxDurationMs,
  maxPriceMicroUsd,
  offersFromSkypilot,
  offersFromYaml,
  type Parsed,
  parseSnapshot,
  parseUsd,
} from '@vaultmesh/aurora-router'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { aSnapshot, offer, snapshot } from './kit/offers.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A text with a few bytes changed, dropped or doubled. */
function mutated(text: string): fc.Arbitrary<Uint8Array> {
  const source = bytes(text)
  const change = fc.tuple(
    fc.nat(source.length - 1),
    fc.nat(255),
    fc.constantFrom('set', 'cut', 'double'),
  )
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
    let all = [...source]
    for (const [at, value, how] of changes) {
      if (how === 'set') all[at] = value
      else if (how === 'cut') all.splice(at, 1 + (value % 16))
      else all = [...all.slice(0, at), ...all.slice(Math.max(0, at - value))]
    }
    return Uint8Array.from(all)
  })
}

describe('money', () => {
  it('is read exactly, and rounded up where there is more than a millionth', () => {
    const texts = ['0', '0.00', '1.39', '0.256800', '2000', '0.0000001', '1.9999999', '0.1000000']
    expect(texts.map(parseUsd)).toEqual([0, 0, 1_390_000, 256_800, 2e9, 1, 2_000_000, 100_000])
    for (const wrong of ['', '-1', '1e3', '.5', '1.', '01', '1,5', 'NaN', ' 1', '$1']) {
      expect(parseUsd(wrong)).toBeUndefined()
    }
  })

  it('is the same after it was written and read again', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), (micro) => {
        expect(parseUsd(formatUsd(micro))).toBe(micro)
      }),
    )
  })

  it('is exact for every price and time that is taken', () => {
    fc.assert(
      fc.property(fc.nat(maxPriceMicroUsd), fc.nat(maxDurationMs), (price, ms) => {
        const exact = (BigInt(price) * BigInt(ms) + 3_599_999n) / 3_600_000n
        expect(BigInt(costMicroUsd(price, ms))).toBe(exact)
      }),
    )
  })
})

test('a GPU has one name', () => {
  for (const name of ['RTX_4090', 'rtx 4090', 'GeForce RTX 4090', 'NVIDIA GeForce RTX 4090']) {
    expect(gpuName(name)).toBe('RTX4090')
  }
  expect(['A100_SXM4', 'A100-80GB', 'H100 NVL', 'Tesla_V100', 'RTX_6000Ada'].map(gpuName)).toEqual([
    ...['A100', 'A100-80GB', 'H100', 'V100', 'RTX6000-Ada'],
  ])
  expect(['constructor', '__proto__'].map(gpuName)).toEqual(['CONSTRUCTOR', 'PROTO'])
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('nvidia', ' ', '_', '-', 'ß', 'a', '100') }),
      (name) => {
        expect(gpuName(gpuName(name))).toBe(gpuName(name))
      },
    ),
  )
})

describe('a YAML catalog', () => {
  const text = `providers:
  - id: alder
    latencyMs: 120
    reputation: 92
    offers:
      - { gpu: rtx 4090, regions: [eu-west, us-west], usdPerHour: 0.40, capacity: 6, free: 2 }
      - gpu: H100
        gpus: 8
        usdPerHour: "18.240001"
        spot: true
`

  it('gives an offer for each region', () => {
    const read = offersFromYaml(bytes(text))
    expect(read).toEqual({
      ok: true,
      value: [
        ...['eu-west', 'us-west'].map((region) => ({
          ...{
            id: `alder/1xRTX4090/${region}`,
            provider: 'alder',
            gpu: 'RTX4090',
            gpus: 1,
            region,
          },
          ...{ priceMicroUsd: 400_000, spot: false, open: true, latencyMs: 120, reputation: 92 },
          ...{ capacity: 6, free: 2 },
        })),
        {
          ...{ id: 'alder/8xH100/global/spot', provider: 'alder', gpu: 'H100', gpus: 8 },
          ...{
            region: 'global',
            priceMicroUsd: 18_240_001,
            spot: true,
            open: true,
            latencyMs: 120,
          },
          ...{ reputation: 92, capacity: null, free: null },
        },
      ],
    })
    expect(read.ok && snapshot(...read.value).offers).toHaveLength(3)
  })

  it.each([
    ['providers:\n  - id: a\n    id: b', 'line 3'],
    ['providers: &a [*a]', ''],
    [
      'providers: [{ id: a, offers: [{ gpu: A100, usdPerHour: -1 }] }]',
      'providers[0].offers[0].usdPerHour',
    ],
    [
      'providers: [{ id: a, offers: [{ gpu: A100, usdPerHour: .inf }] }]',
      'providers[0].offers[0].usdPerHour',
    ],
    [
      'providers: [{ id: a, offers: [{ gpu: A100, usdPerHour: 1, price: 1 }] }]',
      'providers[0].offers[0]',
    ],
    ['providers: [{ id: a, reputation: 101, offers: [] }]', 'providers[0].reputation'],
    [
      'providers: [{ id: a, offers: [{ gpu: A100, usdPerHour: 1, free: 1 }] }]',
      'providers[0].offers[0].free',
    ],
    [
      'providers: [{ id: a, offers: [{ gpu: A100, usdPerHour: 1, regions: [x, x] }] }]',
      'providers[0].offers[0].regions[1]',
    ],
    [
      'providers: [{ id: a, offers: [{ gpu: T4, usdPerHour: 1 }, { gpu: t4, usdPerHour: 2 }] }]',
      '',
    ],
    ['providers: [{ id: "a\\u0007", offers: [] }]', 'providers[0].id'],
    ['providers: !!js/function x', 'line 1'],
    ['7', ''],
  ])('%j is refused by place', (wrong, at) => {
    const read = offersFromYaml(bytes(wrong))
    expect(read.ok ? 'taken' : read.problem.at).toBe(at)
  })

  it('is taken or refused, and never thrown at', () => {
    fc.assert(
      fc.property(mutated(text), (input) => {
        const read = offersFromYaml(input)
        if (read.ok) expect(() => snapshot(...read.value)).not.toThrow()
      }),
    )
  })
})

describe("SkyPilot's catalog", () => {
  const gpuInfo = `"{'Gpus': [{'Name': 'X', 'MemoryInfo': {'SizeInMiB': 80}}]}"`
  const vast = [
    'InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region',
    `2x-RTX_4090-32,RTX_4090,2,32,64.0,${gpuInfo},0.77,0.00,"Taiwan, TW, AS"`,
    `2x-RTX_4090-32,RTX_4090,2,32,64.0,${gpuInfo},0.71,0.00,"Taiwan, TW, AS"`,
    `1x-H100,H100,1,32,64.0,${gpuInfo},1.87,0.00,", US, NA"`,
  ].join('\n')
  const runpod = [
    'InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Region,SpotPrice,Price,AvailabilityZone,GpuInfo',
    `1x_A100-80GB_SECURE,A100-80GB,1.0,8.0,117.0,CA,1.37,1.37,CA-1,${gpuInfo}`,
    `1x_A100-80GB_SECURE,A100-80GB,1.0,8.0,117.0,CA,1.37,1.37,CA-2,${gpuInfo}`,
  ].join('\r\n')
  const aws = [
    'InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone,Arch',
    'a1.large,,,2.0,4.0,,0.0642,0.064200,eu-west-1,euw1-az1,arm64',
    'p3.2xlarge,V100,1.0,8.0,61.0,,3.305,1.031700,eu-west-1,euw1-az1,x86_64',
    'g6f.large,L4,0.125,2.0,8.0,,0.2024,,eu-west-1,euw1-az1,x86_64',
    'p4d.24xlarge,A100,8.0,96.0,1152.0,,,9.5,eu-west-1,euw1-az1,x86_64',
  ].join('\n')
  const read = (text: string, defaults = {}) => {
    const offers = offersFromSkypilot(bytes(text), { provider: 'p', ...defaults })
    if (!offers.ok) throw new Error(JSON.stringify(offers.problem))
    return offers.value.map(({ id, priceMicroUsd }) => [id, priceMicroUsd])
  }

  it('of Vast: a spot price of 0.00 is none, and the cheapest of equal rows is kept', () => {
    expect(read(vast)).toEqual([
      ['p/2xRTX4090/Taiwan, TW, AS/2x-RTX_4090-32', 710_000],
      ['p/1xH100/, US, NA/1x-H100', 1_870_000],
    ])
  })

  it('of RunPod: another order of columns, zones apart, a spot price that is the price is none', () => {
    expect(read(runpod)).toEqual([
      ['p/1xA100-80GB/CA/CA-1/1x_A100-80GB_SECURE', 1_370_000],
      ['p/1xA100-80GB/CA/CA-2/1x_A100-80GB_SECURE', 1_370_000],
    ])
  })

  it('of AWS: CPUs and parts of a GPU are skipped, a spot offer stands beside the other', () => {
    expect(read(aws)).toEqual([
      ['p/1xV100/eu-west-1/euw1-az1/p3.2xlarge', 3_305_000],
      ['p/1xV100/eu-west-1/euw1-az1/spot/p3.2xlarge', 1_031_700],
      ['p/8xA100/eu-west-1/euw1-az1/spot/p4d.24xlarge', 9_500_000],
    ])
  })

  it('gets from the caller what it does not say', () => {
    const offers = offersFromSkypilot(bytes(aws), {
      provider: 'aws',
      reputation: 0,
      capacity: 0,
      latencyMs: 0,
    })
    expect(offers.ok && offers.value[0]).toMatchObject({
      reputation: 0,
      latencyMs: 0,
      capacity: 0,
      free: 0,
    })
    const unknown = offersFromSkypilot(bytes(aws), { provider: 'aws' })
    expect(unknown.ok && unknown.value[0]).toMatchObject({
      reputation: null,
      latencyMs: null,
      free: null,
    })
  })

  it.each([
    [vast.replace('0.77', '0,77'), 'line 2', /not CSV/],
    [vast.replace('0.77', 'NaN'), 'row 2, column Price', /US dollars/],
    [vast.replace('0.71', '2000.01'), 'row 3, column Price', /at most 2000/],
    [
      vast.replace('1x-H100,H100,1', '1x-H100,H100,one'),
      'row 4, column AcceleratorCount',
      /number/,
    ],
    [vast.replace(',Region', ',region'), 'row 1', /"Region" is missing/],
    [vast.replace('vCPUs', 'Price'), 'row 1', /comes twice/],
    [runpod.replace(',CA,', ',,'), 'row 2, column Region', /text/],
    [`${vast}\n"open`, 'line 5', /not CSV/],
    ['', 'row 1', /missing/],
  ])('is refused by row and column (%#)', (wrong, at, message) => {
    const offers = offersFromSkypilot(bytes(wrong), { provider: 'p' })
    expect(offers.ok ? 'taken' : offers.problem).toEqual({
      at,
      message: expect.stringMatching(message),
    })
  })

  it('is taken or refused, and never thrown at', () => {
    fc.assert(
      fc.property(fc.constantFrom(vast, runpod, aws).chain(mutated), (input) => {
        const offers = offersFromSkypilot(input, { provider: 'p', capacity: 1 })
        if (offers.ok) expect(() => snapshot(...offers.value)).not.toThrow()
      }),
    )
  })
})

describe('an input that is built to exhaust something', () => {
  const at = (read: Parsed<unknown>): string => (read.ok ? 'taken' : read.problem.message)

  it('is refused', () => {
    const csv = (text: string): string => at(offersFromSkypilot(bytes(text), { provider: 'p' }))
    expect(at(offersFromYaml(bytes('['.repeat(100_000))))).toBe('nested too deep')
    expect(at(parseSnapshot(bytes('['.repeat(1_000_000))))).toBe('nested more than 32 deep')
    expect(at(parseSnapshot(bytes(`"${'x'.repeat(5_000_000)}"`)))).toBe('must be an object')
    expect(at(parseSnapshot(bytes('"\\"[[" ]')))).toBe('not JSON')
    expect(csv(','.repeat(100_000))).toBe('holds more than 64 columns')
    expect(csv(`InstanceType,AcceleratorName\n"${'x'.repeat(100_000)}`)).toMatch(/^not CSV/)
    expect(
      csv(
        `InstanceType,AcceleratorName,AcceleratorCount,Price,Region\n${'a,,,,\n'.repeat(200_001)}`,
      ),
    ).toBe('holds more than 200000 rows')
    expect(at(offersFromYaml(Uint8Array.of(0xff)))).toBe('not UTF-8')
    expect(at(offersFromYaml(new Uint8Array(4 * 1024 * 1024 + 1)))).toMatch(/longer than/)
    expect(at(offersFromSkypilot(bytes(''), { provider: '' }))).toBe('must be a text')
  })
})

describe('a snapshot', () => {
  it('is the same after it was written and read again, to the byte', () => {
    fc.assert(
      fc.property(aSnapshot(), (made) => {
        const read = parseSnapshot(bytes(made.text))
        expect(read.ok && read.value.text).toBe(made.text)
        expect(read.ok && read.value.hash).toBe(made.hash)
        for (const { id } of made.offers) expect(made.offer(id)?.id).toBe(id)
        expect(made.offer('other')).toBeUndefined()
      }),
    )
  })

  it('is taken only in its one form, and never thrown at', () => {
    const made = snapshot(offer('a'), offer('b', { latencyMs: null, capacity: null, free: null }))
    fc.assert(
      fc.property(mutated(made.text), (input) => {
        const read = parseSnapshot(input)
        if (read.ok) expect(bytes(read.value.text)).toEqual(input)
      }),
    )
  })

  it.each([
    [{ free: 11 }, /offers\[0\]/],
    [{ capacity: null }, /offers\[0\]/],
    [{ priceMicroUsd: 0.5 }, /offers\[0\]\.priceMicroUsd/],
    [{ priceMicroUsd: maxPriceMicroUsd + 1 }, /offers\[0\]\.priceMicroUsd/],
    [{ reputation: 100.5 }, /offers\[0\]\.reputation/],
    [{ id: '' }, /offers\[0\]\.id/],
  ])('is not made of an offer with %j', (changes, message) => {
    expect(() => snapshot(offer('a', changes))).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(message),
      }),
    )
  })

  it('has each id once, and a real time', () => {
    expect(() => snapshot(offer('a'), offer('a'))).toThrow(/once/)
    for (const takenAt of ['2026-02-30T00:00:00Z', '2026-01-01', '2026-01-01T00:00:00+01:00']) {
      expect(() => createSnapshot({ version: 'v', takenAt, offers: [] })).toThrow(/takenAt/)
    }
  })
})
