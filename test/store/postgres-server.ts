import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { Client } from 'pg'

const PROGRAMS = programs()

/** Where a server can be had; in CI it must be there, and its absence is a failure. */
export const hasPostgres = PROGRAMS !== undefined || process.env['CI'] !== undefined

/** Debian keeps them out of the PATH, one folder for each version. */
function programs(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => +b - +a) : []
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(':'),
  ]
  return folders.find((folder) =>
    ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))),
  )
}

/** A PostgreSQL server of the test's own, on a free port of loopback, that can be stopped, frozen and started again. */
export class PostgresServer {
  readonly #folder: string
  readonly port: number
  readonly #user: { uid: number; gid: number } | undefined
  #databases = 0
  #process: ChildProcess | undefined

  constructor(folder: string, port: number, user: { uid: number; gid: number } | undefined) {
    this.#folder = folder
    this.port = port
    this.#user = user
  }

  static async start(): Promise<PostgresServer> {
    if (!PROGRAMS) throw new Error('PostgreSQL is needed here: apt-get install postgresql')
    const folder = mkdtempSync(join(tmpdir(), 'parley-postgres-'))
    const user = unprivilegedUser()
    if (user) chownSync(folder, user.uid, user.gid)
    const server = new PostgresServer(folder, await freePort(), user)
    const initdb = server.#spawn('initdb', [
      ...['-D', join(folder, 'db'), '-U', 'parley', '--auth=trust'],
      ...['--no-sync', '--locale=C.UTF-8', '--encoding=UTF8'],
    ])
    const [code] = (await once(initdb, 'exit')) as [number | null]
    if (code !== 0) throw new Error(`initdb failed: ${String(code)}`)
    await server.up()
    return server
  }

  url(database = 'postgres'): string {
    return `postgres://parley:secret@127.0.0.1:${this.port}/${database}`
  }

  /** An empty one; its URL. */
  async newDatabase(): Promise<string> {
    const name = `calls${++this.#databases}`
    const client = new Client(this.url())
    await client.connect()
    await client.query(`CREATE DATABASE ${name}`)
    await client.end()
    return this.url(name)
  }

  /** Empties the tables that there are, as if nobody had written to them; much quicker than another database. */
  async empty(url: string): Promise<void> {
    const client = new Client(url)
    await client.connect()
    const { rows } = await client.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE tablename ~ '^parley_' AND tablename <> 'parley_migrations'",
    )
    await client.query(rows.map(({ name }) => `DELETE FROM ${name}`).join(';'))
    await client.end()
  }

  /** Starts the server, with what it kept. */
  async up(): Promise<void> {
    const child = this.#spawn('postgres', [
      ...['-D', join(this.#folder, 'db'), '-p', String(this.port), '-k', ''],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'max_connections=40'],
    ])
    this.#process = child
    await new Promise<void>((resolve, reject) => {
      let log = ''
      child.stderr?.on('data', (chunk: Buffer) => {
        log += chunk.toString()
        if (log.includes('ready to accept connections')) resolve()
      })
      child.once('exit', () => {
        reject(new Error(`PostgreSQL did not start:\n${log}`))
      })
    })
  }

  /** Ends it as if the machine had failed. */
  async kill(): Promise<void> {
    await this.#end('SIGQUIT')
  }

  /** Stops answering, while its connections stay open. */
  freeze(): void {
    this.#signal('SIGSTOP')
  }

  thaw(): void {
    this.#signal('SIGCONT')
  }

  #signal(signal: NodeJS.Signals): void {
    for (const pid of this.#pids()) {
      try {
        process.kill(pid, signal)
      } catch (error) {
        // A child whose connection was closed may have ended since it was listed.
        if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
      }
    }
  }

  async stop(): Promise<void> {
    await this.#end('SIGQUIT')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (!child || child.exitCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  /** The server and its children, one for each connection among them. */
  #pids(): number[] {
    const parent = this.#process?.pid
    if (parent === undefined) return []
    const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8')
    return [parent, ...children.trim().split(' ').filter(Boolean).map(Number)]
  }

  #spawn(program: string, args: string[]): ChildProcess {
    return spawn(join(PROGRAMS!, program), args, {
      ...this.#user,
      cwd: this.#folder,
      env: { LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  }
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name, , uid, gid] = line.split(':')
    if (name === 'postgres' || name === 'nobody') return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('no user that PostgreSQL could run as')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
