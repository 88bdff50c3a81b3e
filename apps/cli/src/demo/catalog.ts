/** What the demo routes among: providers that do not exist, and prices that somebody could ask. */
export const catalogYaml = `providers:
  - id: alder
    latencyMs: 120
    reputation: 92
    offers:
      - { gpu: H100, gpus: 8, regions: [eu-west, us-west], usdPerHour: 24.80, capacity: 2 }
      - { gpu: A100, gpus: 8, regions: [eu-west], usdPerHour: 14.20, capacity: 1 }
  - id: birch
    latencyMs: 340
    reputation: 61
    offers:
      - { gpu: H100, gpus: 8, regions: [eu-west], usdPerHour: 19.90, capacity: 4 }
      - { gpu: H100, regions: [eu-west], usdPerHour: 2.70, capacity: 16 }
  - id: cedar
    latencyMs: 90
    reputation: 88
    offers:
      - { gpu: H100, gpus: 8, regions: [eu-west], usdPerHour: 41.00, capacity: 2 }
      - { gpu: H100, gpus: 8, regions: [eu-west], usdPerHour: 12.10, capacity: 2, spot: true }
  - id: dogwood
    reputation: 95
    offers:
      - { gpu: H100, gpus: 8, regions: [eu-west], usdPerHour: 22.40 }
`
