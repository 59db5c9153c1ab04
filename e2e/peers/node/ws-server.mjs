// ws, unmodified: says what it hears, compressed where both can. argv: port.
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1', perMessageDeflate: { threshold: 0 } });
server.on('connection', (socket, request) =>
  socket.on('message', data => socket.send(`${request.headers['capability-action']}: ${data}`)));
