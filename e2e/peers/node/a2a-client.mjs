// @a2a-js/sdk, unmodified. argv: base URL, binding.
import { ClientFactory, JsonRpcTransportFactory, RestTransportFactory } from '@a2a-js/sdk/client';

const [base, binding] = process.argv.slice(2);
const transports = [binding === 'JSONRPC' ? new JsonRpcTransportFactory() : new RestTransportFactory()];
const client = await new ClientFactory({ transports, preferredTransports: [binding] }).createFromUrl(base);
const stranger = process.argv[4];

const task = await print('allowed', () => send({ skill: 'transfer', amount: 500 }));
await print('above', () => send({ skill: 'transfer', amount: 501 }));
await print('other', () => send({ skill: 'close' }));
await print('own', () => client.getTask({ tenant: '', id: task?.id ?? '', historyLength: 0 }));
await print('stranger', () => client.getTask({ tenant: '', id: stranger ?? 'somebody-elses', historyLength: 0 }));

function send(data) {
  const part = { content: { $case: 'data', value: data }, metadata: {}, filename: '', mediaType: 'application/json' };
  const message = { messageId: crypto.randomUUID(), contextId: '', taskId: '', role: 1, parts: [part], metadata: {}, extensions: [], referenceTaskIds: [] };
  return client.sendMessage({ tenant: '', message, configuration: undefined, metadata: {} });
}

async function print(step, call) {
  try {
    const result = await call();
    const of = result.task ?? result.payload?.value ?? result;
    console.log(JSON.stringify({ step, id: of.id }));
    return of;
  } catch (e) {
    console.log(JSON.stringify({ step, error: e.constructor.name, code: e.code, message: e.message, data: e.data, details: e.details, cause: String(e.cause ?? '') }));
  }
}
