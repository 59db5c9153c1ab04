// openai, unmodified, with its base URL changed and nothing else. argv: base URL.
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.argv[2], apiKey: 'none', maxRetries: 0 });
const messages = [{ role: 'user', content: 'hi' }];

await print('allowed', async () => (await client.chat.completions.create({ model: 'small', max_tokens: 500, messages })).choices[0].message.content);
await print('stream', async () => {
  let text = '';
  for await (const part of await client.chat.completions.create({ model: 'small', max_tokens: 10, messages, stream: true })) {
    text += part.choices[0].delta.content ?? '';
  }
  return text;
});
await print('above', () => client.chat.completions.create({ model: 'small', max_tokens: 501, messages }));
await print('model', () => client.chat.completions.create({ model: 'large', max_tokens: 1, messages }));
await print('other', () => client.models.list());
await print('spent', () => client.chat.completions.create({ model: 'small', max_tokens: 1, messages }));

async function print(step, call) {
  try {
    console.log(JSON.stringify({ step, text: await call() }));
  } catch (e) {
    const problem = e.error ?? {};
    console.log(JSON.stringify({ step, error: e.constructor.name, status: e.status, code: e.code, problem, message: e.message }));
  }
}
