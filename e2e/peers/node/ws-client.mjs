// ws, unmodified. argv: address of the helper, host:port.
import { WebSocket } from 'ws';

const [helper, host] = process.argv.slice(2);
await print('allowed', () => talk('/live'));
await print('other', () => talk('/other'));

function talk(path) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${helper}${path}`, { headers: { Host: host } });
    const heard = [];
    socket.on('open', () => socket.send('x'.repeat(100_000)));
    socket.on('message', data => {
      heard.push(data.length);
      if (heard.length === 1) {
        socket.send('again');
      } else {
        socket.close(1000);
      }
    });
    socket.on('close', code => resolve({ heard, code, extensions: socket.extensions }));
    socket.on('error', reject);
  });
}

async function print(step, call) {
  try {
    console.log(JSON.stringify({ step, ...(await call()) }));
  } catch (e) {
    console.log(JSON.stringify({ step, error: e.constructor.name, message: e.message }));
  }
}
