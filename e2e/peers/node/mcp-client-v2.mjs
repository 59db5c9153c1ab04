// @modelcontextprotocol/client, unmodified.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { run } from './mcp-calls.mjs';

const options = process.argv[3] === 'auto' ? { versionNegotiation: { mode: 'auto' } } : undefined;
await run(new Client({ name: 'peer', version: '1' }, options), new StreamableHTTPClientTransport(new URL(process.argv[2])));
