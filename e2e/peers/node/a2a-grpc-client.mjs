// @a2a-js/sdk, unmodified, over gRPC. argv: base URL of the agent's card.
import grpc from '@grpc/grpc-js';
import { ClientFactory } from '@a2a-js/sdk/client';
import { GrpcTransportFactory } from '@a2a-js/sdk/client/grpc';

const transports = [new GrpcTransportFactory({ grpcChannelCredentials: grpc.credentials.createInsecure() })];
const client = await new ClientFactory({ transports, preferredTransports: ['GRPC'] }).createFromUrl(process.argv[2]);

const task = await print('allowed', () => send({ skill: 'transfer', amount: 500 }));
await print('above', () => send({ skill: 'transfer', amount: 501 }));
await print('other', () => send({ skill: 'close' }));
await print('own', () => client.getTask({ tenant: '', id: task?.id ?? '', historyLength: 0 }));
await print('stranger', () => client.getTask({ tenant: '', id: 'somebody-elses', historyLength: 0 }));
process.exit(0);

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
    console.log(JSON.stringify({ step, error: e.constructor.name, code: e.code, message: e.message, details: e.details, cause: String(e.cause ?? '') }));
  }
}
