// @modelcontextprotocol/sdk, unmodified: what user code gets from a granted and from two refused calls.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { run } from './mcp-calls.mjs';

await run(new Client({ name: 'peer', version: '1' }), new StreamableHTTPClientTransport(new URL(process.argv[2])));
