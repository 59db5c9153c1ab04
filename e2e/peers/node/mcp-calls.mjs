export async function run(client, transport) {
  await client.connect(transport);
  const tools = await client.listTools();
  print('list', { tools: tools.tools.map((tool) => tool.name) });
  print('allowed', await call(client, 'get-sum', { a: 500, b: 1 }));
  print('above', await call(client, 'get-sum', { a: 501, b: 1 }));
  print('other', await call(client, 'echo', { message: 'hi' }));
  print('spent', await call(client, 'get-sum', { a: 1, b: 1 }));
  await client.close();
}

async function call(client, name, args) {
  try {
    const result = await client.callTool({ name, arguments: args });
    return { text: result.content[0].text };
  } catch (e) {
    return { error: e.constructor.name, code: e.code, data: e.data };
  }
}

function print(step, what) {
  console.log(JSON.stringify({ step, ...what }));
}
