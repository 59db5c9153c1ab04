// @a2a-js/sdk, unmodified: one agent under JSON-RPC and HTTP+JSON, also for clients of version 0.3. argv: port, base URL
// that callers use.
import express from 'express';
import { DefaultRequestHandler, InMemoryTaskStore, AgentEvent } from '@a2a-js/sdk/server';
import { duplicateInterfacesForLegacy } from '@a2a-js/sdk/compat/v0_3';
import { UserBuilder, agentCardHandler, jsonRpcHandler, restHandler } from '@a2a-js/sdk/server/express';

const [port, base] = process.argv.slice(2);
const card = {
  name: 'ledger', description: 'Pays', version: '1', provider: undefined, documentationUrl: '', iconUrl: '',
  supportedInterfaces: [
    { url: `${base}/a2a/jsonrpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0', tenant: '' },
    { url: `${base}/a2a/rest`, protocolBinding: 'HTTP+JSON', protocolVersion: '1.0', tenant: '' },
  ],
  capabilities: { streaming: true, pushNotifications: false, extensions: [], extendedAgentCard: false },
  securitySchemes: {}, securityRequirements: [], signatures: [],
  defaultInputModes: ['application/json'], defaultOutputModes: ['application/json'],
  skills: [{ id: 'transfer', name: 'transfer', description: 'Pays', tags: [], examples: [], inputModes: [], outputModes: [], securityRequirements: [] }],
};
card.supportedInterfaces = duplicateInterfacesForLegacy(card.supportedInterfaces, ['JSONRPC', 'HTTP+JSON']);
const executor = {
  async execute(context, bus) {
    const status = { state: 3, message: undefined, timestamp: new Date().toISOString() };
    bus.publish(AgentEvent.task({ id: context.taskId, contextId: context.contextId, status, artifacts: [], history: [context.userMessage], metadata: {} }));
    bus.finished();
  },
  async cancelTask() {},
};
const handler = new DefaultRequestHandler(card, new InMemoryTaskStore(), executor);
const userBuilder = UserBuilder.noAuthentication;
const legacyCompat = { enabled: true };
const app = express();
app.use('/.well-known/agent-card.json', agentCardHandler({ agentCardProvider: handler, legacyCompat }));
app.use('/a2a/jsonrpc', jsonRpcHandler({ requestHandler: handler, userBuilder, legacyCompat }));
app.use('/a2a/rest', restHandler({ requestHandler: handler, userBuilder, legacyCompat }));
app.listen(Number(port), '127.0.0.1');
