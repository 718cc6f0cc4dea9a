/**
 * A receiver of Parley's webhooks: checks that a message is genuine and new, and prints a line about it.
 *
 *   WEBHOOK_SECRET=whsec_… node receiver.js
 */
import { Buffer } from 'node:buffer'
import { createServer } from 'node:http'
import process from 'node:process'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'

const { WEBHOOK_SECRET, HOST = '127.0.0.1', PORT = '9000' } = process.env

/** Larger ones are none of Parley's. */
const MAX_BODY_BYTES = 1024 * 1024
/** Parley sends a message again for three days; a real receiver keeps these ids in its database. */
const MAX_REMEMBERED = 100_000

if (!WEBHOOK_SECRET) {
  process.stderr.write('WEBHOOK_SECRET is missing: it is the one that Parley has\n')
  process.exit(1)
}
const webhook = new Webhook(WEBHOOK_SECRET)
const known = new Set()

const server = createServer(async (request, response) => {
  const answer = (status) => response.writeHead(status).end()
  if (request.method !== 'POST') return answer(405)
  // The signature is that of the bytes as they came: parse them only once they are known to be genuine.
  const body = await bodyOf(request)
  if (body === undefined) return answer(413)
  let message
  try {
    message = webhook.verify(body, request.headers)
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error
    process.stdout.write(`refused: ${error.message}\n`)
    return answer(401)
  }
  const id = request.headers['webhook-id']
  // Answer first, and work later: whoever waits longer than 15 s is asked again.
  answer(204)
  process.stdout.write(known.has(id) ? `${id}: seen before\n` : `${id}: ${describe(message)}\n`)
  known.add(id)
  if (known.size > MAX_REMEMBERED) known.delete(known.values().next().value)
})

server.listen(Number(PORT), HOST, () => {
  process.stdout.write(`listening on http://${HOST}:${server.address().port}\n`)
})

async function bodyOf(request) {
  const pieces = []
  let bytes = 0
  for await (const piece of request) {
    bytes += piece.length
    if (bytes > MAX_BODY_BYTES) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function describe({ type, data }) {
  switch (type) {
    case 'call.started':
      return `a call ${data.direction === 'outbound' ? 'to' : 'from'} ${data.phone_number}`
    case 'call.answered':
      return 'somebody answered'
    case 'call.ended':
      return `over: ${data.end_reason}`
    case 'call.outcome':
      return `${data.outcome.disposition}: ${data.outcome.summary}`
    default:
      // Kinds that are not known yet are no reason to refuse a message.
      return type
  }
}
