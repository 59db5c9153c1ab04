// A server of the modern era: @modelcontextprotocol/server.
import http from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer, createMcpHandler } from '@modelcontextprotocol/server';
import { z } from 'zod';

function server() {
  const mcp = new McpServer({ name: 'sums', version: '1' });
  const schema = z.object({ a: z.number(), b: z.number() });
  mcp.registerTool('get-sum', { description: 'Adds', inputSchema: schema }, async ({ a, b }) => ({
    content: [{ type: 'text', text: `The sum of ${a} and ${b} is ${a + b}.` }],
  }));
  mcp.registerTool('echo', { description: 'Says', inputSchema: z.object({ message: z.string() }) }, async ({ message }) => ({
    content: [{ type: 'text', text: message }],
  }));
  return mcp;
}

http.createServer(toNodeHandler(createMcpHandler(() => server()))).listen(Number(process.env.PORT), '127.0.0.1');
