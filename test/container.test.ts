import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runNode } from './helpers/node-process.ts'

const root = join(import.meta.dirname, '..')
const read = (name: string) => readFileSync(join(root, name), 'utf8')

/** The instructions of the Dockerfile, with what continues a line joined to it. */
const instructions = read('Dockerfile')
  .replaceAll(/^\s*#.*$/gm, '')
  .replaceAll(/\\\n/g, ' ')
  .split('\n')
  .map((line) => line.trim().replaceAll(/\s+/g, ' '))
  .filter((line) => line !== '')
const last = (name: string) => instructions.findLast((line) => line.startsWith(`${name} `)) ?? ''

describe('the image', () => {
  it('runs as a user that is not root, and owns nothing but /data', () => {
    expect(last('USER')).toBe('USER 10001:10001')
    const chowns = instructions.flatMap((line) => line.match(/chown \S+ \S+/g) ?? [])
    expect(chowns).toEqual(['chown 10001:10001 /data'])
    expect(instructions.filter((line) => line.includes('--chown'))).toEqual([])
    expect(last('VOLUME')).toBe('VOLUME /data')
  })

  it('holds the locked packages, and none that ran anything to be installed', () => {
    const installs = instructions.filter((line) => /\bnpm (ci|i|install)\b/.test(line))
    expect(installs).toHaveLength(1)
    expect(installs[0]).toContain('npm ci --omit=dev --ignore-scripts')
  })

  it('gets code, and neither secrets nor what else lies around', () => {
    expect(read('.dockerignore').trim().split('\n').sort()).toEqual(
      ['*', '!package.json', '!package-lock.json', '!src'].sort(),
    )
    const copies = instructions.filter((line) => /^(COPY|ADD) /.test(line))
    expect(copies).toEqual([
      'COPY package.json package-lock.json ./',
      'COPY package.json ./',
      'COPY --from=packages /app/node_modules ./node_modules',
      'COPY src ./src',
    ])
    const variables = instructions.filter((line) => /^(ENV|ARG) /.test(line)).join('\n')
    expect(variables).not.toMatch(/KEY|TOKEN|SECRET|PASSWORD/)
  })

  it('passes signals to the server, and asks after its health by a file of its own', () => {
    expect(last('CMD')).toBe('CMD ["node", "src/server.ts"]')
    const check = /node (src\/\S+\.ts)/.exec(last('HEALTHCHECK'))?.[1] ?? ''
    expect(existsSync(join(root, check)), check).toBe(true)
  })
})

it('the container can do nothing but its work', () => {
  const compose = read('compose.yaml')
  for (const line of [
    'init: true',
    'read_only: true',
    "user: '10001:10001'",
    'cap_drop: [ALL]',
    "security_opt: ['no-new-privileges:true']",
    "volumes: ['parley-data:/data']",
    "ports: ['127.0.0.1:8000:8000']",
  ]) {
    expect(compose).toContain(`    ${line}\n`)
  }
  expect(compose).not.toMatch(/privileged|cap_add|network_mode|docker\.sock|KEY|TOKEN|SECRET/)
})

describe('the check of health', () => {
  async function exitCode(port: number): Promise<unknown> {
    return (await runNode([join(root, 'src/cli/health-check.ts'), String(port)])).code
  }

  it('tells whether the server lives', async () => {
    let status = 200
    const asked: (string | undefined)[] = []
    const server = createServer((request, response) => {
      asked.push(request.url)
      response.writeHead(status).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    expect(await exitCode(port)).toBe(0)
    status = 503
    expect(await exitCode(port)).toBe(1)
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
    expect(await exitCode(port)).toBe(1)
    expect(asked).toEqual(['/api/phone/health/live', '/api/phone/health/live'])
  })
})

type Lock = {
  readonly lockfileVersion: number
  readonly packages: Readonly<
    Record<string, { version?: string; resolved?: string; integrity?: string; link?: boolean }>
  >
}

describe('the packages', () => {
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
  const lock = JSON.parse(read('package-lock.json')) as Lock
  const wanted = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((group) =>
    Object.entries(manifest[group] ?? {}),
  )

  it('are named by exact versions, and the lock has these', () => {
    expect(wanted.length).toBeGreaterThan(20)
    for (const [name, version] of wanted) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/)
      expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version)
    }
  })

  it('are locked with a checksum each, and come from nowhere but a registry by https', () => {
    const packages = Object.entries(lock.packages).filter(([path]) => path !== '')
    expect(packages.length).toBeGreaterThan(100)
    for (const [path, { version, resolved, integrity, link }] of packages) {
      expect(link, path).toBeUndefined()
      expect(version, path).toMatch(/^\d+\.\d+\.\d+/)
      expect(integrity, path).toMatch(/^sha512-/)
      if (resolved !== undefined) expect(resolved, path).toMatch(/^https:\/\/[^/]+\/.+\.tgz$/)
    }
  })
})
