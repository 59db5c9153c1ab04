// A stub of the OpenAI API: says hello, also as a stream.
import http from 'node:http';

http
  .createServer(async (request, response) => {
    let body = '';
    for await (const part of request) {
      body += part;
    }
    const { model, stream } = JSON.parse(body || '{}');
    const of = { id: 'c-1', created: 1, model };
    if (!stream) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ ...of, object: 'chat.completion', choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hello' } }] }));
      return;
    }
    response.setHeader('content-type', 'text/event-stream');
    for (const content of ['hel', 'lo']) {
      response.write(`data: ${JSON.stringify({ ...of, object: 'chat.completion.chunk', choices: [{ index: 0, finish_reason: null, delta: { content } }] })}\n\n`);
    }
    response.end('data: [DONE]\n\n');
  })
  .listen(Number(process.env.PORT), '127.0.0.1');
