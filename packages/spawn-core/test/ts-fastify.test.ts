import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { check, loadTemplate, plan, type Rendered, render } from '@vaultmesh/spawn-core'
import { itWith, temporaryDirectory } from '@vaultmesh/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments, parse as parseYaml } from 'yaml'

type Members = Readonly<Record<string, unknown>>

const template = await loadTemplate('ts-fastify')

function spawned(answers: Members = {}): Rendered {
  return render(plan({ template, answers: { name: 'payment-service', ...answers } }))
}

const service = spawned({ owner: '@Acme/payments' })

function textOf(path: string, rendered = service): string {
  const file = rendered.files.get(path)
  if (file === undefined) throw new Error(`there is no ${path}`)
  return Buffer.from(file.bytes).toString('utf8')
}

function pathsMatching(pattern: RegExp, rendered = service): string[] {
  return [...rendered.files.keys()].filter((path) => pattern.test(path))
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function members(value: unknown): Members {
  if (!isMembers(value)) throw new Error(`${JSON.stringify(value)} is no mapping`)
  return value
}

/** The member at a path such as `spec.template.spec`; fails where there is none. */
function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => {
    const next = Array.isArray(inner) ? inner[Number(key)] : members(inner)[key]
    if (next === undefined) throw new Error(`there is no ${path}`)
    return next
  }, value)
}

const workflows = pathsMatching(/^\.github\/workflows\//)

describe('the files of ts-fastify', () => {
  it('pass every check, whatever the name and owner', () => {
    expect(check(service)).toEqual([])
    expect(check(spawned())).toEqual([])
    expect(check(spawned({ name: 'a' }))).toEqual([])
    expect(check(spawned({ name: `a${'-'.repeat(51)}b`, owner: '@a' }))).toEqual([])
  })

  it('are those of a service that can be deployed on the first day', () => {
    const expected = [
      ...['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'AGENTS.md', 'Makefile', 'renovate.json'],
      ...['.github/CODEOWNERS', '.editorconfig', '.gitignore', '.dockerignore', '.env.example'],
      ...['Dockerfile', 'compose.yaml', 'package.json', 'package-lock.json', '.npmrc'],
      ...['docs/adr/0001-service-baseline.md', 'docs/runbook.md', '.vm/sbom.cdx.json'],
      ...['dev', 'staging', 'prod'].map((name) => `deploy/overlays/${name}/kustomization.yaml`),
      ...['ci', 'codeql', 'release', 'scorecard'].map((name) => `.github/workflows/${name}.yml`),
    ]
    expect([...service.files.keys()]).toEqual(expect.arrayContaining(expected))
  })

  it('hold no date, and no name of another service', () => {
    for (const path of service.files.keys()) {
      expect(textOf(path), path).not.toMatch(/\b20[0-9]{2}-[01][0-9]-[0-3][0-9]\b/)
      if (path.startsWith('.vm/')) continue
      expect(textOf(path, spawned({ name: 'other' })), path).not.toContain('payment')
    }
  })

  it('refer to each other: every relative link of a document leads to a file', () => {
    for (const path of pathsMatching(/\.md$/)) {
      for (const [, target = ''] of textOf(path).matchAll(/\]\((?!https:)([^)#]+)/g)) {
        const found = posix.join(posix.dirname(path), target)
        expect([...service.files.keys()], `${path} links to ${target}`).toContain(found)
      }
    }
    for (const [, heading = ''] of textOf(
      'deploy/components/prometheus-operator/prometheusrule.yaml',
    ).matchAll(/runbook: docs\/runbook\.md#(\w+)/g)) {
      expect(textOf('docs/runbook.md').toLowerCase()).toContain(`\n## ${heading}\n`)
    }
  })
})

describe('the answers', () => {
  it.each(['', 'Bad Name', '../escape', 'a"); import os', '1st', '-a', 'a-', 'x'.repeat(54)])(
    'refuse %j as a name',
    (name) => {
      expect(() => spawned({ name })).toThrow(/can't be used/)
    },
  )

  it.each(['no', 'on', 'true', 'null', 'y'])(
    'refuse %j: YAML reads it as something else',
    (name) => {
      expect(() => spawned({ name })).toThrow(/can't be used/)
    },
  )

  it.each(['acme', '@', '@a/../b', '@a b', '@a-', '@a\n* @evil'])(
    'refuse %j as an owner',
    (owner) => {
      expect(() => spawned({ owner })).toThrow(/can't be used/)
    },
  )

  it('put images into the registry of the owner', () => {
    const overlay = textOf('deploy/overlays/prod/kustomization.yaml')
    expect(overlay).toContain('newName: ghcr.io/acme/payment-service\n')
    expect(textOf('.github/CODEOWNERS')).toBe('* @Acme/payments\n')
  })

  it('without an owner name a registry that cannot exist, not that of a stranger', () => {
    const rendered = spawned()
    for (const path of pathsMatching(/overlays\/.*kustomization/, rendered)) {
      expect(textOf(path, rendered)).toContain('newName: registry.invalid/payment-service\n')
    }
    expect(textOf('.github/CODEOWNERS', rendered)).toMatch(/^# /)
  })

  const hostile = [
    `a */ b // c /* d`,
    '$' + '{process.exit(1)} $(id) `id` {{ .Values }} %{x}',
    `it's: # "quoted" \\ \\n & <b>bold</b> [l](javascript:x) ![i](u)`,
    '--- !!js/function x: [a, {b: c}], *alias &anchor | >',
    '# heading',
    '1. item',
    ' padded ',
    '💸 ünïcode',
  ]

  it('carry any description as data', () => {
    const plain = spawned({ description: 'plain' })
    const property = (description: string): void => {
      const rendered = spawned({ description })
      expect(check(rendered)).toEqual([])
      expect(JSON.parse(textOf('package.json', rendered)).description).toBe(description)
      const answers = parseYaml(textOf('.vm/answers.yaml', rendered), { version: '1.1' })
      expect(at(answers, 'answers.description')).toBe(description)
      const different = [...rendered.files.keys()].filter(
        (path) => textOf(path, rendered) !== textOf(path, plain),
      )
      expect(different).toEqual(['.vm/answers.yaml', 'README.md', 'package.json'])
      const lines = (of: Rendered): string[] => textOf('README.md', of).split('\n')
      expect(lines(rendered).toSpliced(2, 1), 'one line, and no other').toEqual(
        lines(plain).toSpliced(2, 1),
      )
    }
    for (const description of hostile) property(description)
    // Line breaks, control characters and template tags are refused; the package's tests show that.
    const descriptions = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
      .filter((text) => /^\P{C}{1,200}$/u.test(text) && !/<%|%>|[\u2028\u2029]/.test(text))
      .filter((text) => text.length <= 200 && text !== 'plain')
    fc.assert(fc.property(descriptions, property), { numRuns: 20 })
  })
})

describe('the pins', () => {
  const source = readFileSync(
    new URL('../templates/ts-fastify/template.yaml', import.meta.url),
    'utf8',
  )

  it('pin every action by commit, with the version that template.yaml gives it', () => {
    for (const path of workflows) {
      for (const [, used = ''] of textOf(path).matchAll(/^ *-? uses: (?!\.\/)(.*)$/gm)) {
        expect(used, path).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
        expect(source, path).toContain(`: ${used}\n`)
      }
    }
  })

  it('pin every image by digest', () => {
    const stages = [...textOf('Dockerfile').matchAll(/^FROM (?:--\S+ )?(\S+)(?: AS (\S+))?$/gm)]
    const names = new Set(stages.map(([, , name]) => name))
    const images = stages.flatMap(([, image = '']) => (names.has(image) ? [] : [image]))
    expect(images).toHaveLength(2)
    for (const image of images) expect(image).toMatch(/:[\w.-]+@sha256:[0-9a-f]{64}$/)
  })

  it('are all used, and recorded', () => {
    const files = pathsMatching(/^(Dockerfile|\.github\/.*)$/).map((path) => textOf(path))
    for (const [name, pin] of Object.entries(service.pins)) {
      expect(files.join('\n'), name).toContain(pin)
    }
  })

  it('pin every dependency, for every platform, without the address of a registry', () => {
    const text = textOf('package-lock.json')
    expect(text).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/)
    const lock = JSON.parse(text)
    const packages = members(lock.packages)
    const root = members(packages[''])
    const manifest = JSON.parse(textOf('package.json'))
    for (const member of [
      'name',
      'version',
      'license',
      'dependencies',
      'devDependencies',
      'engines',
    ]) {
      expect(root[member], member).toEqual(manifest[member])
    }
    expect(lock.name).toBe('payment-service')
    for (const [folder, entry] of Object.entries(packages)) {
      const locked = members(entry)
      if (folder !== '') expect(locked['integrity'], folder).toMatch(/^sha512-/)
      const needs = { ...Object(locked['dependencies']), ...Object(locked['optionalDependencies']) }
      for (const need of Object.keys(needs)) {
        const places = [`${folder}/node_modules/${need}`, `node_modules/${need}`]
        expect(
          places.some((place) => place in packages),
          `${folder} needs ${need}`,
        ).toBe(true)
      }
    }
    for (const version of Object.values({
      ...manifest.dependencies,
      ...manifest.devDependencies,
    })) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/)
    }
  })
})

describe('the workflows', () => {
  it.each(workflows)(
    '%s grants nothing by default, and every job has limits of its own',
    (path) => {
      const workflow = parseYaml(textOf(path))
      expect(at(workflow, 'permissions')).toEqual({})
      expect(at(workflow, 'concurrency.group')).toBeTypeOf('string')
      for (const [name, job] of Object.entries(members(at(workflow, 'jobs')))) {
        expect(at(job, 'permissions'), name).toMatchObject({ contents: 'read' })
        if (members(job)['uses'] !== undefined) continue
        expect(at(job, 'timeout-minutes'), name).toBeTypeOf('number')
        for (const step of at(job, 'steps') as unknown[]) {
          const { uses, run } = members(step)
          // An expression in a script would be code; it belongs into `env`.
          if (typeof run === 'string') expect(run).not.toContain('$' + '{{')
          if (typeof uses !== 'string' || !uses.includes('actions/checkout@')) continue
          expect(at(step, 'with.persist-credentials')).toBe(false)
        }
      }
    },
  )

  it('run for the branch that the first commit is on', () => {
    expect(at(parseYaml(textOf('.github/workflows/ci.yml')), 'on.push.branches')).toEqual(['main'])
  })

  it('test the oldest Node that package.json allows', () => {
    const { engines } = JSON.parse(textOf('package.json'))
    const matrix = at(
      parseYaml(textOf('.github/workflows/ci.yml')),
      'jobs.test.strategy.matrix.node',
    )
    expect(matrix).toContain(`${String(engines.node).replace('>=', '')}.0`)
  })
})

describe('the container', () => {
  it('is reached from this machine only, and has no password', () => {
    const compose = parseYaml(textOf('compose.yaml'))
    for (const port of at(compose, 'services.payment-service.ports') as string[]) {
      expect(port).toMatch(/^127\.0\.0\.1:/)
    }
    expect(textOf('compose.yaml')).not.toMatch(/password|:latest/i)
  })

  it('runs as a numeric user, from an allow list of files, with a health check without a shell', () => {
    const dockerfile = textOf('Dockerfile')
    expect(dockerfile).toContain('\nUSER 65532:65532\n')
    expect(dockerfile).toMatch(/HEALTHCHECK .*\\\n {2}CMD \[/)
    const ignored = textOf('.dockerignore')
      .split('\n')
      .filter((line) => /^[^#]/.test(line))
    expect(ignored[0]).toBe('*')
    for (const [, copied = ''] of dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)) {
      for (const path of copied.split(' ')) {
        expect(ignored.map((line) => line.replace(/^!|\/$/g, ''))).toContain(path)
      }
    }
  })
})

/** Writes the files into a new folder. */
function written(rendered: Rendered): string {
  const directory = temporaryDirectory()
  for (const [path, { bytes }] of rendered.files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), bytes)
  }
  return directory
}

describe.each(['dev', 'staging', 'prod'])('the overlay %s', (overlay) => {
  itWith(['kubectl'], 'builds, and is safe to run', () => {
    const folder = join(written(service), 'deploy/overlays', overlay)
    const built = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' })
    // Kubernetes reads YAML 1.1.
    const objects: unknown[] = parseAllDocuments(built, { version: '1.1' }).map((document) =>
      document.toJS(),
    )
    const find = (kind: string): unknown[] =>
      objects.filter((object) => at(object, 'kind') === kind)
    const labels = {
      'app.kubernetes.io/name': 'payment-service',
      'app.kubernetes.io/instance': 'payment-service',
    }
    for (const object of objects) {
      const kind = at(object, 'kind')
      const place = kind === 'Namespace' ? 'metadata.name' : 'metadata.namespace'
      expect(at(object, place), String(kind)).toBe(`payment-service-${overlay}`)
    }

    const [deployment] = find('Deployment')
    const pod = at(deployment, 'spec.template.spec')
    const container = at(pod, 'containers.0')
    expect(members(at(deployment, 'spec'))['replicas'], 'the autoscaler owns it').toBeUndefined()
    expect(at(deployment, 'spec.selector.matchLabels')).toEqual(labels)
    expect(at(deployment, 'spec.template.metadata.labels')).toEqual(labels)
    expect(at(container, 'image')).toBe('ghcr.io/acme/payment-service:0.1.0')
    // Pod Security Standards, level restricted.
    expect(at(pod, 'securityContext')).toEqual({
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(at(container, 'securityContext')).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(at(pod, 'automountServiceAccountToken')).toBe(false)
    expect(at(container, 'livenessProbe.httpGet.path')).not.toBe(
      at(container, 'readinessProbe.httpGet.path'),
    )

    const config = find('ConfigMap').find((map) => 'PORT' in members(at(map, 'data')))
    expect(at(container, 'envFrom.0.configMapRef.name')).toBe(at(config, 'metadata.name'))
    const setting = (name: string): number => Number(at(config, `data.${name}`))
    const ports = at(container, 'ports') as unknown[]
    expect(ports.map((port) => at(port, 'containerPort'))).toEqual([
      setting('PORT'),
      setting('METRICS_PORT'),
    ])
    const drain = setting('SHUTDOWN_DELAY_MS') + setting('SHUTDOWN_TIMEOUT_MS')
    expect(drain / 1000).toBeLessThan(Number(at(pod, 'terminationGracePeriodSeconds')))

    const [scaler] = find('HorizontalPodAutoscaler')
    const [budget] = find('PodDisruptionBudget')
    expect(at(scaler, 'spec.minReplicas')).toBeGreaterThan(
      Number(at(budget, 'spec.maxUnavailable')),
    )
    expect(at(scaler, 'spec.maxReplicas')).toBeGreaterThan(Number(at(scaler, 'spec.minReplicas')))

    const policies = find('NetworkPolicy')
    const deny = policies.find((policy) => !('ingress' in members(at(policy, 'spec'))))
    expect(at(deny, 'spec.policyTypes')).toEqual(['Ingress', 'Egress'])
    for (const object of [...policies, ...find('PodMonitor'), budget]) {
      const selector = at(object, 'kind') === 'NetworkPolicy' ? 'spec.podSelector' : 'spec.selector'
      expect(at(object, `${selector}.matchLabels`)).toEqual(labels)
    }
    expect(at(find('Service')[0], 'spec.selector')).toEqual(labels)
  })
})
