/** Attempts that go on at one host at a time. */
const AT_ONCE = 4

/** So many in a row without any answer, and the host is left alone for a while. */
const MAX_SILENT = 3
const REST_MS = 60_000

/** What is assumed of a host of which nothing is known yet, and the least for any. */
const USUAL_MS = 500
const SHORTEST_MS = 20
const LONGEST_QUEUE_MS = 3_600_000

/** Beyond this, hosts that are idle are forgotten. */
const MAX_HOSTS = 1000

type Host = {
  running: number
  /** In a row. */
  silent: number
  restsUntilMs: number
  /** When the last of those that were sent away is to come back. */
  queueEndMs: number
  /** How long an attempt takes, of late. */
  usualMs: number
}

/**
 * How much each host is asked to take: only so much at a time, and nothing for a while after it was silent. One that is slow
 * or down must neither be flooded nor keep others waiting.
 */
export class HostPace {
  readonly #hosts = new Map<string, Host>()

  /** Hosts that are remembered. */
  get size(): number {
    return this.#hosts.size
  }

  /**
   * Asks to begin an attempt.
   *
   * @returns 0: it may begin, and `end` must follow; otherwise how long to wait before asking again, in ms
   */
  begin(name: string, nowMs: number): number {
    const host = this.#hosts.get(name) ?? this.#meet(name, nowMs)
    if (host.restsUntilMs > nowMs) return host.restsUntilMs - nowMs
    if (host.running < AT_ONCE) {
      host.running++
      return 0
    }
    // Everyone comes back when it is likely to be their turn.
    const queued = Math.max(host.queueEndMs, nowMs) + Math.max(host.usualMs, SHORTEST_MS) / AT_ONCE
    host.queueEndMs = Math.min(queued, nowMs + LONGEST_QUEUE_MS)
    return host.queueEndMs - nowMs
  }

  end(name: string, attempt: { nowMs: number; tookMs: number; answered: boolean }): void {
    const host = this.#hosts.get(name)
    if (!host) return
    const { nowMs, tookMs, answered } = attempt
    host.running--
    host.usualMs += (tookMs - host.usualMs) / 4
    host.silent = answered ? 0 : host.silent + 1
    if (host.silent >= MAX_SILENT) host.restsUntilMs = nowMs + REST_MS
  }

  #meet(name: string, nowMs: number): Host {
    if (this.#hosts.size >= MAX_HOSTS) this.#forget(nowMs)
    const host = newHost()
    this.#hosts.set(name, host)
    return host
  }

  /** Hosts about which there is nothing to heed just now. */
  #forget(nowMs: number): void {
    for (const [name, { running, restsUntilMs, queueEndMs }] of this.#hosts) {
      if (running === 0 && Math.max(restsUntilMs, queueEndMs) <= nowMs) this.#hosts.delete(name)
    }
  }
}

function newHost(): Host {
  return { running: 0, silent: 0, restsUntilMs: 0, queueEndMs: 0, usualMs: USUAL_MS }
}
