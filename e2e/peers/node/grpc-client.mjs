// @grpc/grpc-js, unmodified and without generated code: messages are text. argv: host:port.
import grpc from '@grpc/grpc-js';

const client = new grpc.Client(process.argv[2], grpc.credentials.createInsecure());
const write = text => Buffer.from(text);
const read = bytes => bytes.toString();

await print('allowed', () => unary('/bank.v1.Payments/Transfer'));
await print('missing', () => unary('/bank.v1.Payments/Missing'));
await print('other', () => unary('/bank.v1.Payments/Close'));
await print('stream', () => stream('/bank.v1.Payments/Watch'));
await print('chat', () => chat('/bank.v1.Payments/Chat', ['one', 'two', 'three']));
for (let i = 0; i < 3; i++) {
  await print('spent', () => unary('/bank.v1.Payments/Transfer'));
}
client.close();

function unary(path) {
  return new Promise((resolve, reject) =>
    client.makeUnaryRequest(path, write, read, 'pay', (e, reply) => (e ? reject(e) : resolve(reply))));
}

function stream(path) {
  return collected(client.makeServerStreamRequest(path, write, read, 'pay'));
}

/** Says the next thing when the last one was answered. */
function chat(path, words) {
  const call = client.makeBidiStreamRequest(path, write, read);
  const rest = [...words];
  call.on('data', () => (rest.length > 0 ? call.write(rest.shift()) : call.end()));
  call.write(rest.shift());
  return collected(call);
}

function collected(call) {
  return new Promise((resolve, reject) => {
    const all = [];
    call.on('data', text => all.push(text));
    call.on('end', () => resolve(all.join(' ')));
    call.on('error', reject);
  });
}

async function print(step, call) {
  try {
    console.log(JSON.stringify({ step, text: await call() }));
  } catch (e) {
    const receipt = e.metadata?.get('capability-receipt')[0] ?? '';
    console.log(JSON.stringify({ step, error: e.constructor.name, code: e.code, details: e.details, receipt }));
  }
}
