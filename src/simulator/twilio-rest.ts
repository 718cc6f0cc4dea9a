import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { API_VERSION } from './call-resource.ts'
import { type CallUpdate, type NewCall, readNewCall, readUpdate } from './twilio-call-forms.ts'
import type { TwilioCall } from './twilio-call.ts'
import type { TwilioKnobs } from './twilio-knobs.ts'
import { RestError } from './twilio-rest-errors.ts'

/** The calls behind the REST API, newest first. */
export type CallBook = {
  create(call: NewCall): TwilioCall
  find(callSid: string): TwilioCall | undefined
  list(): readonly TwilioCall[]
  remove(callSid: string): void
}

type Answer = { readonly status: number; readonly body?: unknown }

type RestOptions = {
  readonly accountSid: string
  readonly authToken: string
  readonly knobs: TwilioKnobs
  readonly calls: CallBook
}

const PATH = new RegExp(`^/${API_VERSION}/Accounts/([^/]+)/Calls(?:/([^/]+))?\\.json$`)
const DEFAULT_PAGE_SIZE = 50

/** `Calls.json` and `Calls/{Sid}.json`, as Twilio's own client speaks to them. */
export function twilioRest(options: RestOptions) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    void answer(options, request)
      .catch((error: unknown): Answer => {
        if (!(error instanceof RestError)) throw error
        return { status: error.refusal.status, body: error.body }
      })
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json;charset=utf-8' })
        response.end(body === undefined ? undefined : JSON.stringify(body))
      })
  }
}

async function answer(options: RestOptions, request: IncomingMessage): Promise<Answer> {
  const body = await text(request)
  authenticate(options, request.headers.authorization)
  const url = new URL(request.url ?? '/', 'http://twilio')
  const [, accountSid, callSid] = PATH.exec(url.pathname) ?? []
  if (accountSid !== options.accountSid) throw new RestError(20404)
  const route = `${request.method ?? ''} ${callSid === undefined ? 'calls' : 'call'}`
  const form = new URLSearchParams(body)
  switch (route) {
    case 'POST calls':
      return create(options, form)
    case 'GET calls':
      return list(options, url)
    case 'POST call':
      return update(callOf(options, callSid), readUpdate(form))
    case 'GET call':
      return { status: 200, body: callOf(options, callSid).resource }
    case 'DELETE call':
      options.calls.remove(callOf(options, callSid).callSid)
      return { status: 204 }
    default:
      throw new RestError(20404)
  }
}

function authenticate({ accountSid, authToken }: RestOptions, header = ''): void {
  const expected = Buffer.from(
    `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
  )
  const given = Buffer.from(header)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new RestError(20003)
  }
}

function callOf({ calls }: RestOptions, callSid = ''): TwilioCall {
  const call = calls.find(callSid)
  if (!call) throw new RestError(20404)
  return call
}

function create({ knobs, calls }: RestOptions, form: URLSearchParams): Answer {
  if (knobs.refuseDial) throw new RestError(knobs.refuseDial)
  const call = calls.create(readNewCall(form, knobs))
  return { status: 201, body: { ...call.resource, date_created: null, date_updated: null } }
}

function update(call: TwilioCall, changes: CallUpdate): Answer {
  if (call.isOver) throw new RestError(21220)
  const isAnswered = call.answeredAt !== undefined
  if (isAnswered ? changes.status === 'canceled' : changes.source && !changes.status) {
    throw new RestError(21220)
  }
  if (changes.statusCallback !== undefined) call.reportTo(changes.statusCallback)
  if (changes.timeLimitS !== undefined) call.limitTo(changes.timeLimitS)
  if (changes.status) call.end(isAnswered ? 'completed' : 'canceled')
  else if (changes.source) call.follow(changes.source)
  return { status: 200, body: call.resource }
}

function list({ calls, accountSid }: RestOptions, url: URL): Answer {
  const { searchParams } = url
  const size = Number(searchParams.get('PageSize') ?? DEFAULT_PAGE_SIZE)
  const page = Number(searchParams.get('Page') ?? 0)
  const matching = calls.list().filter((call) => {
    const asked = { To: call.to, From: call.from, Status: call.status }
    return Object.entries(asked).every(
      ([name, value]) => (searchParams.get(name) ?? value) === value,
    )
  })
  const pageUri = (number: number) => {
    const query = new URLSearchParams(searchParams)
    query.set('PageSize', String(size))
    query.set('Page', String(number))
    return `/${API_VERSION}/Accounts/${accountSid}/Calls.json?${query.toString()}`
  }
  const shown = matching.slice(page * size, (page + 1) * size)
  const body = {
    calls: shown.map(({ resource }) => resource),
    page,
    page_size: size,
    start: page * size,
    end: page * size + Math.max(0, shown.length - 1),
    uri: pageUri(page),
    first_page_uri: pageUri(0),
    previous_page_uri: page > 0 ? pageUri(page - 1) : null,
    next_page_uri: (page + 1) * size < matching.length ? pageUri(page + 1) : null,
  }
  return { status: 200, body }
}
